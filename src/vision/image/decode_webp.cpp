#include <cstddef>
#include <vector>

#include <webp/decode.h>

#include "vision/image/decoders.hpp"

namespace emostream::vision {

namespace {

bool decode_opaque(std::span<const std::uint8_t> encoded, image& to) {
  const int stride = to.width * 3;
  return WebPDecodeRGBInto(encoded.data(), encoded.size(), to.pixels.data(), to.pixels.size(), stride) !=
         nullptr;
}

/// Decodes to premultiplied RGBA, which equals the image on black, and drops the alpha channel.
bool decode_on_black(std::span<const std::uint8_t> encoded, image& to) {
  std::vector<std::uint8_t> rgba(to.pixels.size() / 3 * 4);
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return false;
  config.output.colorspace = MODE_rgbA;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {rgba.data(), to.width * 4, rgba.size()};
  const bool ok = WebPDecode(encoded.data(), encoded.size(), &config) == VP8_STATUS_OK;
  WebPFreeDecBuffer(&config.output);
  if (!ok) return false;
  for (std::size_t from = 0, into = 0; into < to.pixels.size(); from += 4, into += 3) {
    to.pixels[into] = rgba[from];
    to.pixels[into + 1] = rgba[from + 1];
    to.pixels[into + 2] = rgba[from + 2];
  }
  return true;
}

}  // namespace

result<image_size> decode_webp(std::span<const std::uint8_t> encoded, const image_limits& limits,
                               image& into) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(encoded.data(), encoded.size(), &features) != VP8_STATUS_OK)
    return failure(image_error::corrupt);
  if (features.has_animation != 0) return failure(image_error::unsupported);
  if (const auto error = check_size(features.width, features.height, limits)) return std::unexpected(error);
  const image_size size = reshape_rgb(into, features.width, features.height);
  const bool ok = features.has_alpha != 0 ? decode_on_black(encoded, into) : decode_opaque(encoded, into);
  if (!ok) return failure(image_error::corrupt);
  return size;
}

}  // namespace emostream::vision

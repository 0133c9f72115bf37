#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <webp/decode.h>

#include "vision/image/decoders.hpp"
#include "vision/image/lossless_webp.hpp"

namespace emostream::vision {

namespace {

constexpr std::size_t chunk_header_size = 8;  // type and size

/// The image data of a WebP file.
struct webp_streams {
  std::span<const std::uint8_t> image;   ///< lossy or lossless
  std::span<const std::uint8_t> alpha;   ///< of a lossy image; may be empty
  std::span<const std::uint8_t> chunks;  ///< those of both
  bool is_lossless = false;
};

std::size_t little_endian(std::span<const std::uint8_t> bytes) {
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | std::size_t{bytes[3]} << 24;
}

/// Finds the image data of a file that is not animated. Only this is passed to libwebp, so that it decodes
/// what was checked. Errors: unsupported, corrupt.
result<webp_streams> find_streams(std::span<const std::uint8_t> encoded) {
  constexpr std::size_t magic_size = 12;
  constexpr int animation_flag = 2;
  if (encoded.size() < magic_size) return failure(image_error::corrupt);
  const std::size_t size = little_endian(encoded.subspan(4)) + 8;
  if (size < magic_size || size > encoded.size()) return failure(image_error::corrupt);
  webp_streams found;
  std::size_t begin = 0;  // of the chunk with the alpha channel
  for (std::size_t at = magic_size; size - at >= chunk_header_size;) {
    const std::string_view type(reinterpret_cast<const char*>(encoded.data()) + at, 4);
    const std::size_t length = little_endian(encoded.subspan(at + 4));
    if (length > size - at - chunk_header_size) return failure(image_error::corrupt);
    const auto content = encoded.subspan(at + chunk_header_size, length);
    const std::size_t end = at + chunk_header_size + length;
    if (type == "VP8X" && !content.empty() && (content.front() & animation_flag) != 0)
      return failure(image_error::unsupported);
    if (type == "ALPH") {
      found.alpha = content;
      begin = at;
    } else if (type == "VP8 " || type == "VP8L") {
      found.image = content;
      found.is_lossless = type == "VP8L";
      if (found.is_lossless || found.alpha.empty()) begin = at;
      found.chunks = encoded.subspan(begin, end - begin);
      return found;
    }
    at = std::min(end + length % 2, size);
  }
  return failure(image_error::corrupt);
}

/// Checks the prefix codes of a lossless image or of a compressed alpha channel. Errors: too_complex,
/// corrupt.
std::error_code check_codes(const webp_streams& of, const image_size& size) {
  constexpr std::size_t lossless_header_size = 5;  // signature and size
  constexpr std::size_t alpha_header_size = 1;     // compression and filter
  if (of.is_lossless) return check_prefix_codes(of.image.subspan(lossless_header_size), size);
  const bool is_compressed = !of.alpha.empty() && (of.alpha.front() & 3) != 0;
  return is_compressed ? check_prefix_codes(of.alpha.subspan(alpha_header_size), size) : std::error_code();
}

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
  const auto streams = find_streams(encoded);
  if (!streams) return std::unexpected(streams.error());
  const auto& chunks = streams->chunks;
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(chunks.data(), chunks.size(), &features) != VP8_STATUS_OK)
    return failure(image_error::corrupt);
  if (const auto error = check_size(features.width, features.height, limits)) return std::unexpected(error);
  const image_size size = reshape_rgb(into, features.width, features.height);
  if (const auto error = check_codes(*streams, size)) return std::unexpected(error);
  const bool ok = features.has_alpha != 0 ? decode_on_black(chunks, into) : decode_opaque(chunks, into);
  if (!ok) return failure(image_error::corrupt);
  return size;
}

}  // namespace emostream::vision

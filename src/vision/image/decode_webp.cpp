#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <webp/decode.h>

#include "vision/image/byte_order.hpp"
#include "vision/image/decoders.hpp"
#include "vision/image/lossless_webp.hpp"
#include "vision/image/riff.hpp"

namespace emostream::vision {

namespace {

/// The image data of a WebP file.
struct webp_streams {
  std::span<const std::uint8_t> image;   ///< lossy or lossless
  std::span<const std::uint8_t> alpha;   ///< of a lossy image; may be empty
  std::span<const std::uint8_t> chunks;  ///< those of both
  bool is_lossless = false;
};

/// Finds the image data among the chunks of a file without animation, or of a frame. Only this is passed to
/// libwebp, so that it decodes what was checked. Error: corrupt.
result<webp_streams> find_streams(std::span<const std::uint8_t> chunks) {
  webp_streams found;
  const std::uint8_t* alpha_begin = nullptr;
  while (const auto chunk = take_chunk(chunks)) {
    if (chunk->type == "ALPH") {
      found.alpha = chunk->content;
      alpha_begin = chunk->whole.data();
    } else if (chunk->type == "VP8 " || chunk->type == "VP8L") {
      found.image = chunk->content;
      found.is_lossless = chunk->type == "VP8L";
      const bool has_alpha = !found.is_lossless && !found.alpha.empty();
      const std::uint8_t* end = chunk->whole.data() + chunk->whole.size();
      found.chunks = {has_alpha ? alpha_begin : chunk->whole.data(), end};
      return found;
    }
  }
  return failure(image_error::corrupt);
}

/// The first frame of an animation, and its place on the canvas.
struct webp_frame {
  std::span<const std::uint8_t> chunks;
  int left = 0;
  int top = 0;
  image_size canvas;
};

/// Finds the first frame among the chunks of a file (RFC 9649 section 2.7.1). Nothing if it is not animated.
std::optional<webp_frame> find_frame(std::span<const std::uint8_t> file) {
  constexpr std::size_t header_size = 10;
  constexpr std::size_t frame_header_size = 16;
  const auto header = find_chunk(file, "VP8X");
  const auto frame = find_chunk(file, "ANMF");
  if (!header || header->content.size() < header_size) return std::nullopt;
  if (!frame || frame->content.size() < frame_header_size) return std::nullopt;
  const auto number = [](const riff_chunk& in, std::size_t at) {
    return static_cast<int>(little_endian(in.content, at, 3));
  };
  return webp_frame{.chunks = frame->content.subspan(frame_header_size),
                    .left = 2 * number(*frame, 0),
                    .top = 2 * number(*frame, 3),
                    .canvas = {number(*header, 4) + 1, number(*header, 7) + 1}};
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

/// The part of an image that a frame fills.
struct destination {
  std::uint8_t* first;
  std::size_t size;  ///< bytes from there to the end of the image
  int stride;
  image_size frame;  ///< reduced like the image
  bool is_reduced;
};

/// `size` is that of the encoded frame.
destination part_of(image& canvas, const webp_frame& frame, const image_size& size) {
  const int left = frame.left / canvas.reduction;
  const int top = frame.top / canvas.reduction;
  const auto end = image_size{frame.left + size.width, frame.top + size.height}.reduced(canvas.reduction);
  const std::size_t pixel =
      static_cast<std::size_t>(top) * static_cast<std::size_t>(canvas.width) + static_cast<std::size_t>(left);
  return {canvas.pixels.data() + pixel * 3,
          canvas.pixels.size() - pixel * 3,
          canvas.width * 3,
          {end.width - left, end.height - top},
          canvas.reduction > 1};
}

/// Decodes into `memory`, in the size of the destination.
bool decode_into(const WebPRGBABuffer& memory, WEBP_CSP_MODE colours, std::span<const std::uint8_t> encoded,
                 const destination& to) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return false;
  config.options.use_scaling = to.is_reduced ? 1 : 0;
  config.options.scaled_width = to.frame.width;
  config.options.scaled_height = to.frame.height;
  config.output.colorspace = colours;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = memory;
  const bool ok = WebPDecode(encoded.data(), encoded.size(), &config) == VP8_STATUS_OK;
  WebPFreeDecBuffer(&config.output);
  return ok;
}

bool decode_opaque(std::span<const std::uint8_t> encoded, const destination& to) {
  return decode_into({to.first, to.stride, to.size}, MODE_RGB, encoded, to);
}

/// Decodes to premultiplied RGBA, which equals the image on black, and drops the alpha channel.
bool decode_on_black(std::span<const std::uint8_t> encoded, const destination& to) {
  std::vector<std::uint8_t> rgba(static_cast<std::size_t>(to.frame.pixels()) * 4);
  const WebPRGBABuffer memory{rgba.data(), to.frame.width * 4, rgba.size()};
  if (!decode_into(memory, MODE_rgbA, encoded, to)) return false;
  const std::uint8_t* from = rgba.data();
  for (int y = 0; y < to.frame.height; ++y) {
    std::uint8_t* into = to.first + std::ptrdiff_t{y} * to.stride;
    for (int x = 0; x < to.frame.width; ++x, from += 4, into += 3) std::copy_n(from, 3, into);
  }
  return true;
}

/// The bytes that libwebp and decode_on_black() take besides the pixels of the image.
std::size_t memory_for(const webp_streams& of, const image_size& size, int reduction, bool has_alpha) {
  const std::size_t lossless = 4;  // of each pixel, also of a compressed alpha channel
  const auto pixels = static_cast<std::size_t>(size.pixels());
  std::size_t memory = of.is_lossless ? pixels * lossless : 0;
  if (!of.alpha.empty()) memory += pixels * (1 + lossless);
  if (has_alpha) memory += static_cast<std::size_t>(size.reduced(reduction).pixels()) * 4;
  return memory;
}

}  // namespace

result<image_size> decode_webp(std::span<const std::uint8_t> encoded, const image_limits& limits,
                               image& into) {
  const auto file = encoded.subspan(riff_header_size);
  const auto animation = find_frame(file);
  const auto streams = find_streams(animation ? animation->chunks : file);
  if (!streams) return std::unexpected(streams.error());
  const auto& chunks = streams->chunks;
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(chunks.data(), chunks.size(), &features) != VP8_STATUS_OK)
    return failure(image_error::corrupt);
  const image_size size{features.width, features.height};
  const webp_frame frame = animation.value_or(webp_frame{.chunks = file, .canvas = size});
  const image_size& canvas = frame.canvas;
  if (const auto error = check_size(canvas.width, canvas.height, limits)) return std::unexpected(error);
  if (frame.left + size.width > canvas.width || frame.top + size.height > canvas.height)
    return failure(image_error::corrupt);
  if (const auto error = check_codes(*streams, size)) return std::unexpected(error);
  const int reduction = least_reduction(canvas, limits);
  if (memory_for(*streams, size, reduction, features.has_alpha != 0) > limits.max_memory)
    return failure(image_error::too_much_memory);
  reshape_rgb(into, canvas, reduction);
  if (size.pixels() < canvas.pixels()) std::ranges::fill(into.pixels, std::uint8_t{0});
  const destination to = part_of(into, frame, size);
  const bool ok = features.has_alpha != 0 ? decode_on_black(chunks, to) : decode_opaque(chunks, to);
  if (!ok) return failure(image_error::corrupt);
  return canvas;
}

}  // namespace emostream::vision

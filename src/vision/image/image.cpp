#include "vision/image/image.hpp"

#include <string>

#include "vision/image/decoders.hpp"
#include "vision/image/exif.hpp"
#include "vision/image/format.hpp"

namespace emostream::vision {

namespace {

class image_category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "image"; }
  [[nodiscard]] std::string message(int code) const override {
    switch (static_cast<image_error>(code)) {
      case image_error::empty:
        return "the image is empty";
      case image_error::too_large:
        return "the encoded image is larger than allowed";
      case image_error::unknown_format:
        return "the image is neither JPEG, PNG, WebP nor GIF";
      case image_error::avif:
        return "AVIF is not supported: convert the image to JPEG, PNG or WebP";
      case image_error::heic:
        return "HEIC is not supported: convert the image to JPEG, PNG or WebP";
      case image_error::too_many_pixels:
        return "the image has more pixels than allowed";
      case image_error::too_small:
        return "the image is smaller than allowed";
      case image_error::unsupported:
        return "the image has an unsupported bit depth, colour model, coding or number of scans";
      case image_error::corrupt:
        return "the image is damaged or incomplete";
      case image_error::too_complex:
        return "decoding the image takes too much time or memory for its size";
      case image_error::too_much_memory:
        return "decoding the image takes more memory than allowed";
    }
    return "unknown image error";
  }
};

/// Decodes an image with its pixels in the order in which they are stored.
result<image_size> decode_stored(std::span<const std::uint8_t> encoded, const image_limits& limits,
                                 const decode_options& options, image& into) {
  decode_budget budget(limits, encoded.size());
  switch (format_of(encoded)) {
    case image_format::jpeg:
      return decode_jpeg(encoded, limits, options, budget, into);
    case image_format::png:
      return decode_png(encoded, limits, budget, into);
    case image_format::webp:
      return decode_webp(encoded, limits, into);
    case image_format::gif:
      return decode_gif(encoded, limits, budget, into);
    case image_format::avif:
      return failure(image_error::avif);
    case image_format::heic:
      return failure(image_error::heic);
    case image_format::unknown:
      break;
  }
  return failure(image_error::unknown_format);
}

}  // namespace

std::error_code make_error_code(image_error e) {
  static const image_category category;
  return {static_cast<int>(e), category};
}

result<image> decode(std::span<const std::uint8_t> encoded, const image_limits& limits) {
  image decoded;
  const auto size = decode(encoded, limits, {}, decoded);
  if (!size) return std::unexpected(size.error());
  return decoded;
}

result<image_size> decode(std::span<const std::uint8_t> encoded, const image_limits& limits,
                          const decode_options& options, image& into) {
  if (encoded.empty()) return failure(image_error::empty);
  if (encoded.size() > limits.max_bytes) return failure(image_error::too_large);
  const auto size = decode_stored(encoded, limits, options, into);
  if (!size) return size;
  into.upright = options.upright;
  into.least_reduction = least_reduction(*size, limits);
  if (!options.upright) return size;
  const orientation stored = find_orientation(encoded);
  turn_upright(into, stored);
  return stored.size_of(*size);
}

std::error_code check_size(std::int64_t width, std::int64_t height, const image_limits& limits) {
  if (width < limits.min_side || height < limits.min_side) return image_error::too_small;
  // Each side is checked first, so that the product cannot overflow.
  const std::int64_t max = limits.max_pixels;
  if (width > max || height > max || width * height > max) return image_error::too_many_pixels;
  return {};
}

void reshape(image& to, int width, int height, int channels, int reduction) {
  to.width = width;
  to.height = height;
  to.channels = channels;
  to.reduction = reduction;
  to.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                   static_cast<std::size_t>(channels));
}

void reshape_rgb(image& to, const image_size& picture, int reduction) {
  const image_size size = picture.reduced(reduction);
  reshape(to, size.width, size.height, 3, reduction);
}

int least_reduction(const image_size& picture, const image_limits& limits) {
  int reduction = 1;
  while (reduction < max_reduction && picture.reduced(reduction).pixels() > limits.max_decoded_pixels)
    reduction *= 2;
  return reduction;
}

}  // namespace emostream::vision

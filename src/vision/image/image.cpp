#include "vision/image/image.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "vision/image/decoders.hpp"

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
        return "the image is neither JPEG, PNG nor WebP";
      case image_error::too_many_pixels:
        return "the image has more pixels than allowed";
      case image_error::too_small:
        return "the image is smaller than allowed";
      case image_error::unsupported:
        return "the image has an unsupported bit depth, colour model, coding, animation or number of scans";
      case image_error::corrupt:
        return "the image is damaged or incomplete";
      case image_error::too_complex:
        return "decoding the image takes too much time or memory for its size";
    }
    return "unknown image error";
  }
};

bool has_magic(std::span<const std::uint8_t> bytes, std::size_t offset, std::span<const std::uint8_t> magic) {
  return bytes.size() >= offset + magic.size() &&
         std::ranges::equal(bytes.subspan(offset, magic.size()), magic);
}

constexpr std::array<std::uint8_t, 3> jpeg_magic{0xFF, 0xD8, 0xFF};
constexpr std::array<std::uint8_t, 8> png_magic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::array<std::uint8_t, 4> riff_magic{'R', 'I', 'F', 'F'};
constexpr std::array<std::uint8_t, 4> webp_magic{'W', 'E', 'B', 'P'};

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
  decode_budget budget(limits, encoded.size());
  if (has_magic(encoded, 0, jpeg_magic)) return decode_jpeg(encoded, limits, options, budget, into);
  if (has_magic(encoded, 0, png_magic)) return decode_png(encoded, limits, budget, into);
  if (has_magic(encoded, 0, riff_magic) && has_magic(encoded, 8, webp_magic))
    return decode_webp(encoded, limits, into);
  return failure(image_error::unknown_format);
}

std::error_code check_size(std::int64_t width, std::int64_t height, const image_limits& limits) {
  if (width < limits.min_side || height < limits.min_side) return image_error::too_small;
  // Each side is checked first, so that the product cannot overflow.
  const std::int64_t max = limits.max_pixels();
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

image_size reshape_rgb(image& to, std::int64_t width, std::int64_t height) {
  const image_size size{static_cast<int>(width), static_cast<int>(height)};
  reshape(to, size.width, size.height, 3, 1);
  return size;
}

}  // namespace emostream::vision

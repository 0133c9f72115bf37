#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <png.h>
#include <string_view>
#include <vector>

#include "vision/image/decoders.hpp"

namespace emostream::vision {

namespace {

/// libpng's simplified reader: it keeps its longjmp()s inside, reads palettes, 1 to 8 bits and interlaced
/// images, and converts them to what is asked for. Damaged pixels are errors there, as every chunk has a
/// checksum.
struct png_reader {
  png_image png{};

  png_reader() { png.version = PNG_IMAGE_VERSION; }
  ~png_reader() { png_image_free(&png); }
  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;
};

/// Whether a chunk says what the pixels are: it is critical, which the case of its first letter tells, or one
/// of the few others that do.
bool is_about_pixels(std::string_view type) {
  constexpr std::array<std::string_view, 4> ancillary{"tRNS", "gAMA", "cHRM", "sRGB"};
  return (type.front() & 0x20) == 0 || std::ranges::count(ancillary, type) != 0;
}

/// The image without whatever else it carries. libpng inflates each compressed text and profile when it reads
/// the header, and keeps it: a megabyte of them becomes a gigabyte. What is cut short stays so.
std::vector<std::uint8_t> pixels_only(std::span<const std::uint8_t> encoded) {
  constexpr std::size_t signature = 8;
  constexpr std::size_t framing = 12;  // length, type and checksum of a chunk
  std::vector<std::uint8_t> out;
  out.reserve(encoded.size());
  const auto keep = [&out](std::span<const std::uint8_t> part) {
    out.insert(out.end(), part.begin(), part.end());
  };
  keep(encoded.first(signature));
  for (auto rest = encoded.subspan(signature); rest.size() >= framing;) {
    const std::size_t length = std::size_t{png_get_uint_32(rest.data())} + framing;
    const auto chunk = rest.first(std::min(length, rest.size()));
    const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    if (is_about_pixels(type)) keep(chunk);
    rest = rest.subspan(chunk.size());
  }
  return out;
}

}  // namespace

result<extent> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits, image& into) {
  const auto stripped = pixels_only(encoded);
  png_reader reader;
  png_image& png = reader.png;
  if (png_image_begin_read_from_memory(&png, stripped.data(), stripped.size()) == 0)
    return failure(image_error::corrupt);
  if ((png.format & PNG_FORMAT_FLAG_LINEAR) != 0) return failure(image_error::unsupported);  // 16 bits
  if (const auto error = check_size(png.width, png.height, limits)) return std::unexpected(error);

  png.format = PNG_FORMAT_RGB;
  const extent size = whole_in_colour(into, png.width, png.height);
  const png_color black{};
  if (png_image_finish_read(&png, &black, into.pixels.data(), 0, nullptr) == 0)
    return failure(image_error::corrupt);
  return size;
}

}  // namespace emostream::vision

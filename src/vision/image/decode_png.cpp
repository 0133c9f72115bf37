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

/// Owns the state of libpng's simplified API, which handles longjmp() internally, and converts palettes, 1 to
/// 8 bits per channel and interlaced images to the requested format. Damaged pixels are always detected,
/// since every chunk has a checksum.
struct png_reader {
  png_image png{};

  png_reader() { png.version = PNG_IMAGE_VERSION; }
  ~png_reader() { png_image_free(&png); }
  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;
};

/// Whether a chunk affects the pixels: critical chunks, marked by an upper case first letter, and a few
/// ancillary ones.
bool affects_pixels(std::string_view type) {
  constexpr std::array<std::string_view, 4> ancillary{"tRNS", "gAMA", "cHRM", "sRGB"};
  return (type.front() & 0x20) == 0 || std::ranges::count(ancillary, type) != 0;
}

/// Returns the image without its metadata. When libpng reads the header, it inflates all compressed texts
/// and profiles and keeps them in memory: one megabyte can become a gigabyte. A truncated file stays
/// truncated.
std::vector<std::uint8_t> strip_metadata(std::span<const std::uint8_t> encoded) {
  constexpr std::size_t signature = 8;
  constexpr std::size_t chunk_overhead = 12;  // length, type and checksum
  std::vector<std::uint8_t> out;
  out.reserve(encoded.size());
  const auto keep = [&out](std::span<const std::uint8_t> part) {
    out.insert(out.end(), part.begin(), part.end());
  };
  keep(encoded.first(signature));
  for (auto rest = encoded.subspan(signature); rest.size() >= chunk_overhead;) {
    const std::size_t length = std::size_t{png_get_uint_32(rest.data())} + chunk_overhead;
    const auto chunk = rest.first(std::min(length, rest.size()));
    const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    if (affects_pixels(type)) keep(chunk);
    rest = rest.subspan(chunk.size());
  }
  return out;
}

}  // namespace

result<image_size> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits,
                              image& into) {
  const auto stripped = strip_metadata(encoded);
  png_reader reader;
  png_image& png = reader.png;
  if (png_image_begin_read_from_memory(&png, stripped.data(), stripped.size()) == 0)
    return failure(image_error::corrupt);
  if ((png.format & PNG_FORMAT_FLAG_LINEAR) != 0)
    return failure(image_error::unsupported);  // 16 bits per channel
  if (const auto error = check_size(png.width, png.height, limits)) return std::unexpected(error);

  png.format = PNG_FORMAT_RGB;
  const image_size size = reshape_rgb(into, png.width, png.height);
  const png_color black{};
  if (png_image_finish_read(&png, &black, into.pixels.data(), 0, nullptr) == 0)
    return failure(image_error::corrupt);
  return size;
}

}  // namespace emostream::vision

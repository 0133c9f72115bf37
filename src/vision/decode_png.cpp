#include <png.h>

#include "vision/decoders.hpp"

namespace emostream::vision {

namespace {

/// libpng's simplified reader: it keeps its longjmp()s inside, reads palettes, 1 to 8 bits and interlaced
/// images, and converts them to what is asked for. Damaged pixels are errors there, as every chunk has a
/// checksum; its warnings are about what stands beside the pixels, such as the colour profile that many PNGs
/// get wrong.
struct png_reader {
  png_image png{};

  png_reader() { png.version = PNG_IMAGE_VERSION; }
  ~png_reader() { png_image_free(&png); }
  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;
};

}  // namespace

result<image> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits) {
  png_reader reader;
  png_image& png = reader.png;
  if (png_image_begin_read_from_memory(&png, encoded.data(), encoded.size()) == 0)
    return failure(image_error::corrupt);
  if ((png.format & PNG_FORMAT_FLAG_LINEAR) != 0) return failure(image_error::unsupported);  // 16 bits
  if (const auto error = check_size(png.width, png.height, limits)) return std::unexpected(error);

  png.format = PNG_FORMAT_RGB;
  image decoded = blank(png.width, png.height);
  const png_color black{};
  if (png_image_finish_read(&png, &black, decoded.pixels.data(), 0, nullptr) == 0)
    return failure(image_error::corrupt);
  return decoded;
}

}  // namespace emostream::vision

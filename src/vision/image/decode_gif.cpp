#include <algorithm>
#include <cstddef>
#include <gif_lib.h>
#include <memory>
#include <vector>

#include "vision/image/decoders.hpp"
#include "vision/image/reduced_canvas.hpp"

// Decodes the first image of a GIF, row by row: giflib's functions for whole files would decode all images
// and allocate what the header asks for.
namespace emostream::vision {

namespace {

struct closer {
  void operator()(GifFileType* file) const { DGifCloseFile(file, nullptr); }
};

class gif_reader {
 public:
  gif_reader(std::span<const std::uint8_t> encoded, decode_budget& budget)
      : rest_(encoded), budget_(budget) {}
  gif_reader(const gif_reader&) = delete;
  gif_reader& operator=(const gif_reader&) = delete;

  /// Reads everything up to the pixels of the first image.
  bool read_header() {
    file_.reset(DGifOpen(this, read, nullptr));
    if (!file_) return false;
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    while (DGifGetRecordType(file_.get(), &type) == GIF_OK && type == EXTENSION_RECORD_TYPE)
      if (!read_extension()) return false;
    return type == IMAGE_DESC_RECORD_TYPE && DGifGetImageHeader(file_.get()) == GIF_OK && frame().Width > 0 &&
           frame().Height > 0 && colours() != nullptr;
  }

  /// Reads the next row of colour numbers.
  bool read_row(std::span<GifByteType> row) {
    if (budget_.is_exceeded_after(static_cast<std::int64_t>(row.size()))) {
      error_ = image_error::too_complex;
      return false;
    }
    return DGifGetLine(file_.get(), row.data(), static_cast<int>(row.size())) == GIF_OK;
  }

  // What read_header() has read.
  [[nodiscard]] image_size screen() const { return {file_->SWidth, file_->SHeight}; }
  [[nodiscard]] const GifImageDesc& frame() const { return file_->Image; }
  [[nodiscard]] const ColorMapObject* colours() const {
    return file_->Image.ColorMap != nullptr ? file_->Image.ColorMap : file_->SColorMap;
  }
  /// A colour number; NO_TRANSPARENT_COLOR: none.
  [[nodiscard]] int transparent() const { return transparent_; }

  /// Why a method has returned false.
  [[nodiscard]] image_error error() const { return error_; }

 private:
  bool read_extension() {
    int kind = 0;
    GifByteType* block = nullptr;
    if (DGifGetExtension(file_.get(), &kind, &block) == GIF_ERROR) return false;
    while (block != nullptr) {
      GraphicsControlBlock control{};
      if (kind == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        transparent_ = control.TransparentColor;
      if (DGifGetExtensionNext(file_.get(), &block) == GIF_ERROR) return false;
    }
    return true;
  }

  /// Gives giflib the next bytes. A single byte after the end is 0, which ends the blocks of an image whose
  /// end is missing.
  static int read(GifFileType* file, GifByteType* to, int count) {
    constexpr std::int64_t pixels_of_byte = 16;
    gif_reader& reader = *static_cast<gif_reader*>(file->UserData);
    if (reader.budget_.is_exceeded_after(pixels_of_byte * count)) {
      reader.error_ = image_error::too_complex;
      return 0;
    }
    if (reader.rest_.empty() && count == 1) {
      *to = 0;
      return 1;
    }
    const auto part = reader.rest_.first(std::min(reader.rest_.size(), static_cast<std::size_t>(count)));
    std::ranges::copy(part, to);
    reader.rest_ = reader.rest_.subspan(part.size());
    return static_cast<int>(part.size());
  }

  std::span<const std::uint8_t> rest_;
  decode_budget& budget_;
  std::unique_ptr<GifFileType, closer> file_;
  int transparent_ = NO_TRANSPARENT_COLOR;
  image_error error_ = image_error::corrupt;
};

/// The rows of an image in the order in which they are stored.
std::vector<int> row_order(const GifImageDesc& frame) {
  std::vector<int> rows;
  const auto add = [&](int first, int step) {
    for (int y = first; y < frame.Height; y += step) rows.push_back(y);
  };
  if (!frame.Interlace) {
    add(0, 1);
    return rows;
  }
  add(0, 8);
  add(4, 8);
  add(2, 4);
  add(1, 2);
  return rows;
}

/// Converts colour numbers to RGB. Transparent pixels, and colours that are not in the table, are black.
class palette {
 public:
  explicit palette(const gif_reader& reader) : rgb_(std::size_t{256} * 3) {
    const ColorMapObject& colours = *reader.colours();
    for (int number = 0; number < colours.ColorCount; ++number) {
      if (number == reader.transparent()) continue;
      const GifColorType& colour = colours.Colors[number];
      std::ranges::copy(std::initializer_list<std::uint8_t>{colour.Red, colour.Green, colour.Blue},
                        rgb_.begin() + std::ptrdiff_t{number} * 3);
    }
  }
  void convert(std::span<const GifByteType> numbers, std::uint8_t* to) const {
    for (const GifByteType number : numbers)
      to = std::copy_n(rgb_.begin() + std::ptrdiff_t{number} * 3, 3, to);
  }

 private:
  std::vector<std::uint8_t> rgb_;
};

}  // namespace

result<image_size> decode_gif(std::span<const std::uint8_t> encoded, const image_limits& limits,
                              decode_budget& budget, image& into) {
  gif_reader reader(encoded, budget);
  if (!reader.read_header()) return failure(reader.error());
  const GifImageDesc& frame = reader.frame();
  // Viewers enlarge a screen that is too small for its first image.
  const image_size size{std::max(reader.screen().width, frame.Left + frame.Width),
                        std::max(reader.screen().height, frame.Top + frame.Height)};
  if (const auto error = check_size(size.width, size.height, limits)) return std::unexpected(error);
  budget.add_pixels(size.pixels());
  const int reduction = least_reduction(size, limits);
  if (reduced_canvas::memory_for(size, reduction) > limits.max_memory)
    return failure(image_error::too_much_memory);
  reduced_canvas canvas(into, size, reduction);
  const palette colours(reader);
  std::vector<GifByteType> row(static_cast<std::size_t>(frame.Width));
  std::vector<std::uint8_t> rgb(row.size() * 3);
  for (const int y : row_order(frame)) {
    if (!reader.read_row(row)) return failure(reader.error());
    colours.convert(row, rgb.data());
    canvas.draw(frame.Left, frame.Top + y, 1, rgb);
  }
  canvas.finish();
  return size;
}

}  // namespace emostream::vision

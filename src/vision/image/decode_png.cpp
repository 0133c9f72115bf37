#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <png.h>
#include <string_view>

#include "vision/image/decoders.hpp"
#include "vision/image/reduced_canvas.hpp"

namespace emostream::vision {

namespace {

/// Wraps libpng's progressive reader, which is given the file in parts and stops after the last row. (The
/// sequential reader first inflates all data that follow it.) libpng's errors leave it by longjmp(): each
/// method that can fail sets its own jump target, has no local variables with destructors, and returns false
/// with the reason in error().
class png_reader {
 public:
  explicit png_reader(decode_budget& budget) : budget_(budget) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ != nullptr) png_set_progressive_read_fn(png_, this, nullptr, on_row, nullptr);
  }
  ~png_reader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;

  /// Continues with the next part of the file.
  bool read(std::span<const std::uint8_t> part) {
    if (info_ == nullptr) return false;
    if (setjmp(failed_) != 0) return false;
    png_process_data(png_, info_, const_cast<png_bytep>(part.data()), part.size());
    return true;
  }

  // The header; 0 before it was read.
  [[nodiscard]] std::int64_t width() const { return png_get_image_width(png_, info_); }
  [[nodiscard]] std::int64_t height() const { return png_get_image_height(png_, info_); }

  /// Prepares the conversion of the pixels to RGB with 8 bits per channel, on black. Call before the first
  /// part with pixels.
  bool write_to(reduced_canvas& canvas) {
    if (setjmp(failed_) != 0) return false;
    png_set_expand(png_);
    png_set_scale_16(png_);
    const int colour_type = png_get_color_type(png_, info_);
    if ((colour_type & PNG_COLOR_MASK_COLOR) == 0) png_set_gray_to_rgb(png_);
    png_set_alpha_mode_fixed(png_, PNG_ALPHA_PNG, PNG_DEFAULT_sRGB);
    if ((colour_type & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0) {
      const png_color_16 black{};
      png_set_background_fixed(png_, &black, PNG_BACKGROUND_GAMMA_SCREEN, 0, 0);
    }
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != static_cast<std::size_t>(width()) * 3) return false;
    interlaced_ = png_get_interlace_type(png_, info_) == PNG_INTERLACE_ADAM7;
    missing_pixels_ = width() * height();
    canvas_ = &canvas;
    return true;
  }

  /// Whether all rows have been read.
  [[nodiscard]] bool is_complete() const { return canvas_ != nullptr && missing_pixels_ == 0; }
  [[nodiscard]] image_error error() const { return error_; }

 private:
  static void on_error(png_structp png, png_const_charp) {
    static_cast<png_reader*>(png_get_error_ptr(png))->fail(image_error::corrupt);
  }
  static void on_warning(png_structp png, png_const_charp message) {
    auto& reader = *static_cast<png_reader*>(png_get_error_ptr(png));
    if (reader.canvas_ == nullptr) return;  // about a chunk that libpng then ignores
    const bool has_surplus = std::string_view(message).starts_with("Extra compressed data");
    // Other warnings after the last row are about the end of the stream.
    if (reader.missing_pixels_ > 0 || has_surplus) reader.fail(image_error::corrupt);
  }
  static void on_row(png_structp png, png_bytep row, png_uint_32 number, int pass) {
    static_cast<png_reader*>(png_get_progressive_ptr(png))->take_row(row, number, pass);
  }

  /// Draws a row of the image or, if it is interlaced, of one of its seven passes.
  void take_row(const std::uint8_t* row, std::uint32_t number, int pass) {
    const auto image_width = static_cast<std::uint32_t>(width());
    const std::uint32_t columns = interlaced_ ? PNG_PASS_COLS(image_width, pass) : image_width;
    const std::uint32_t y = interlaced_ ? PNG_ROW_FROM_PASS_ROW(number, pass) : number;
    const int first = interlaced_ ? PNG_PASS_START_COL(pass) : 0;
    const int step = interlaced_ ? PNG_PASS_COL_OFFSET(pass) : 1;
    canvas_->draw(first, static_cast<int>(y), step, {row, std::size_t{columns} * 3});
    missing_pixels_ -= columns;
    if (budget_.is_exceeded_after(columns)) fail(image_error::too_complex);
  }

  [[noreturn]] void fail(image_error why) {
    error_ = why;
    std::longjmp(failed_, 1);
  }

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::jmp_buf failed_{};
  decode_budget& budget_;
  reduced_canvas* canvas_ = nullptr;
  bool interlaced_ = false;
  std::int64_t missing_pixels_ = 0;
  image_error error_ = image_error::corrupt;
};

/// Whether a chunk is critical, marked by an upper case first letter.
bool is_critical(std::string_view type) {
  return (type.front() & 0x20) == 0;
}

/// Whether a chunk before the pixels affects them: critical chunks and a few ancillary ones. Others are not
/// passed to libpng, which inflates all compressed texts and profiles and keeps them in memory: one megabyte
/// can become a gigabyte.
bool affects_pixels(std::string_view type) {
  constexpr std::array<std::string_view, 4> ancillary{"tRNS", "gAMA", "cHRM", "sRGB"};
  return is_critical(type) || std::ranges::count(ancillary, type) != 0;
}

/// Passes the file to the reader, chunk by chunk, up to the end of the pixels. What follows them may be
/// missing or damaged.
class png_decoder {
 public:
  png_decoder(const image_limits& limits, decode_budget& budget, image& into)
      : limits_(limits), budget_(budget), reader_(budget), into_(into) {}

  result<image_size> decode(std::span<const std::uint8_t> encoded) {
    constexpr std::size_t signature = 8;
    constexpr std::size_t overhead = 12;  // length, type and checksum
    if (!reader_.read(encoded.first(signature))) return failure(reader_.error());
    for (auto rest = encoded.subspan(signature); rest.size() >= overhead;) {
      const std::size_t length = std::size_t{png_get_uint_32(rest.data())} + overhead;
      const auto chunk = rest.first(std::min(length, rest.size()));
      const std::string_view type(reinterpret_cast<const char*>(rest.data()) + 4, 4);
      if (type == "IDAT") {
        if (const auto error = read_pixels(chunk)) return std::unexpected(error);
      } else if (started_) {
        if (is_critical(type)) break;
      } else if (affects_pixels(type)) {
        if (!reader_.read(chunk)) return failure(reader_.error());
      }
      rest = rest.subspan(chunk.size());
    }
    if (!reader_.is_complete()) return failure(image_error::corrupt);
    canvas_->finish();
    return size_;
  }

 private:
  std::error_code start() {
    started_ = true;
    if (reader_.width() == 0) return image_error::corrupt;
    if (const auto error = check_size(reader_.width(), reader_.height(), limits_)) return error;
    size_ = {static_cast<int>(reader_.width()), static_cast<int>(reader_.height())};
    budget_.add_pixels(size_.pixels());
    const int reduction = least_reduction(size_, limits_);
    if (reduced_canvas::memory_for(size_, reduction) > limits_.max_memory)
      return image_error::too_much_memory;
    canvas_.emplace(into_, size_, reduction);
    return reader_.write_to(*canvas_) ? std::error_code() : reader_.error();
  }

  /// Reads a chunk with pixels in small parts, because one without pixels would take long, too: it can
  /// consist of many blocks without data.
  std::error_code read_pixels(std::span<const std::uint8_t> chunk) {
    constexpr std::size_t part_size = 16'384;
    constexpr std::int64_t pixels_of_byte = 4;
    if (!started_)
      if (const auto error = start()) return error;
    while (!chunk.empty()) {
      const auto part = chunk.first(std::min(part_size, chunk.size()));
      if (!reader_.read(part)) return reader_.error();
      if (budget_.is_exceeded_after(pixels_of_byte * static_cast<std::int64_t>(part.size())))
        return image_error::too_complex;
      chunk = chunk.subspan(part.size());
    }
    return {};
  }

  const image_limits& limits_;
  decode_budget& budget_;
  png_reader reader_;
  image& into_;
  image_size size_;
  std::optional<reduced_canvas> canvas_;
  bool started_ = false;
};

}  // namespace

result<image_size> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits,
                              decode_budget& budget, image& into) {
  return png_decoder(limits, budget, into).decode(encoded);
}

}  // namespace emostream::vision

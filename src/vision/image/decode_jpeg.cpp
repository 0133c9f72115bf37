#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h uses FILE without including this
#include <jerror.h>
#include <jpeglib.h>

#include "vision/image/decoders.hpp"

namespace emostream::vision {

namespace {

/// Wraps libjpeg's decompressor. Its error handler leaves libjpeg by longjmp(): each method that can fail
/// sets its own jump target, has no local variables with destructors, and returns false with the reason in
/// error().
class jpeg_reader {
 public:
  jpeg_reader(const image_limits& limits, decode_budget& budget)
      : max_scans_(limits.max_scans), budget_(budget) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { self(info).fail(reason(info->err->msg_code)); };
    // Treat warnings as errors: damaged images must not reach the models.
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) self(info).fail(image_error::corrupt);
    };
    errors_.output_message = [](j_common_ptr) {};
    // Each scan of a progressive JPEG costs a pass over all coefficients, however few bytes it has.
    progress_.progress_monitor = [](j_common_ptr info) {
      jpeg_reader& reader = self(info);
      const auto& now = reader.info_;
      if (now.input_scan_number > reader.max_scans_) reader.fail(image_error::unsupported);
      // The time of a single scan is limited by its pixels and bytes. Several are read before the first row
      // of pixels; this is called for each of their rows of blocks.
      constexpr std::int64_t block_rows = 16;
      if (now.output_scanline == 0 && reader.budget_.is_exceeded_after(block_rows * now.image_width))
        reader.fail(image_error::too_complex);
    };
  }
  ~jpeg_reader() {
    if (created_) jpeg_destroy_decompress(&info_);
  }
  jpeg_reader(const jpeg_reader&) = delete;
  jpeg_reader& operator=(const jpeg_reader&) = delete;

  bool read_header(std::span<const std::uint8_t> encoded) {
    if (setjmp(failed_) != 0) return false;
    jpeg_create_decompress(&info_);
    created_ = true;
    info_.client_data = this;
    info_.progress = &progress_;
    jpeg_mem_src(&info_, encoded.data(), encoded.size());
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  /// Decodes into u8 [height, width, channels], with the output size of info().
  bool read_pixels(std::span<std::uint8_t> pixels) {
    if (setjmp(failed_) != 0) return false;
    // Merges chroma upsampling with the colour conversion: faster, and without effect on the models.
    info_.do_fancy_upsampling = FALSE;
    info_.do_block_smoothing = FALSE;  // slow, and only for images that lack scans
    jpeg_start_decompress(&info_);
    const std::size_t stride =
        std::size_t{info_.output_width} * static_cast<std::size_t>(info_.output_components);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = pixels.data() + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);
    return true;
  }

  /// Sets the format and size of the output of read_pixels().
  bool set_output(bool colour, int reduction) {
    if (setjmp(failed_) != 0) return false;
    info_.out_color_space = colour ? JCS_RGB : JCS_GRAYSCALE;
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(reduction);
    jpeg_calc_output_dimensions(&info_);
    return true;
  }

  [[nodiscard]] const jpeg_decompress_struct& info() const { return info_; }
  [[nodiscard]] bool has_multiple_scans() { return jpeg_has_multiple_scans(&info_) != FALSE; }
  [[nodiscard]] image_error error() const { return error_; }

 private:
  static jpeg_reader& self(j_common_ptr info) { return *static_cast<jpeg_reader*>(info->client_data); }

  static image_error reason(int message) {
    switch (message) {
      case JERR_IMAGE_TOO_BIG:
        return image_error::too_many_pixels;
      case JERR_EMPTY_IMAGE:
        return image_error::too_small;
      case JERR_BAD_PRECISION:
      case JERR_COMPONENT_COUNT:
      case JERR_CONVERSION_NOTIMPL:
      case JERR_SOF_UNSUPPORTED:
        return image_error::unsupported;
      default:
        return image_error::corrupt;
    }
  }

  [[noreturn]] void fail(image_error why) {
    error_ = why;
    std::longjmp(failed_, 1);
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf failed_{};
  int max_scans_;
  decode_budget& budget_;
  bool created_ = false;
  image_error error_ = image_error::corrupt;
};

/// The largest reduction, up to `max_reduction`, that keeps the longer side at least `min_longer_side` long.
int reduction_for(const image_size& size, const decode_options& options) {
  int reduction = 1;
  while (reduction * 2 <= std::min(options.max_reduction, 8) &&
         size.longer_side() / (reduction * 2) >= options.min_longer_side)
    reduction *= 2;
  return reduction;
}

}  // namespace

result<image_size> decode_jpeg(std::span<const std::uint8_t> encoded, const image_limits& limits,
                               const decode_options& options, decode_budget& budget, image& into) {
  jpeg_reader reader(limits, budget);
  if (!reader.read_header(encoded)) return failure(reader.error());
  const auto& info = reader.info();
  if (info.num_components != 1 && info.num_components != 3) return failure(image_error::unsupported);
  if (const auto error = check_size(info.image_width, info.image_height, limits))
    return std::unexpected(error);
  // No browser reads arithmetic coding, which takes five times as long as Huffman coding.
  if (info.arith_code) return failure(image_error::unsupported);
  const image_size size{static_cast<int>(info.image_width), static_cast<int>(info.image_height)};
  budget.add_pixels(size.pixels());
  // Several scans take the most time, so that such an image is decoded in full and not again for more detail.
  const bool full = reader.has_multiple_scans();
  // Decoding YCbCr to gray skips the chroma; RGB has no channel that could be skipped.
  const bool colour = full || options.colour || info.jpeg_color_space == JCS_RGB;
  const int reduction = full ? 1 : reduction_for(size, options);
  if (!reader.set_output(colour, reduction)) return failure(reader.error());
  reshape(into, static_cast<int>(info.output_width), static_cast<int>(info.output_height), colour ? 3 : 1,
          reduction);
  if (!reader.read_pixels(into.pixels)) return failure(reader.error());
  return size;
}

}  // namespace emostream::vision

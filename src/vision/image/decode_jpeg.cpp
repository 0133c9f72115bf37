#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h uses FILE without including this
#include <jerror.h>
#include <jpeglib.h>
#include <limits>
#include <vector>

#include "vision/image/decoders.hpp"

namespace emostream::vision {

namespace {

/// Converts CMYK to RGB as viewers do, without a colour profile. Adobe's programs, and since then all others,
/// store the inverse: 255 is no ink.
void write_as_rgb(std::span<const std::uint8_t> cmyk, std::uint8_t* rgb) {
  for (; !cmyk.empty(); cmyk = cmyk.subspan(4))
    for (std::size_t i = 0; i < 3; ++i) *rgb++ = static_cast<std::uint8_t>((cmyk[i] * cmyk[3] + 127) / 255);
}

/// Wraps libjpeg's decompressor. Its error handler leaves libjpeg by longjmp(): each method that can fail
/// sets its own jump target, has no local variables with destructors, and returns false with the reason in
/// error().
class jpeg_reader {
 public:
  jpeg_reader(const image_limits& limits, decode_budget& budget)
      : max_scans_(limits.max_scans), max_memory_(as_long(limits.max_memory)), budget_(budget) {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) { self(info).fail(reason(info->err->msg_code)); };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) self(info).on_warning();
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
    encoded_ = encoded;
    // Enforced for the coefficients of several scans, which are kept until the last one has been read.
    info_.mem->max_memory_to_use = max_memory_;
    jpeg_mem_src(&info_, encoded.data(), encoded.size());
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  /// Decodes into u8 [height, width, channels], with the output size of info().
  bool read_pixels(std::span<std::uint8_t> pixels) {
    if (setjmp(failed_) != 0) return false;
    in_scans_ = true;
    // Merges chroma upsampling with the colour conversion: faster, and without effect on the models.
    info_.do_fancy_upsampling = FALSE;
    info_.do_block_smoothing = FALSE;  // slow, and only for images that lack scans
    jpeg_start_decompress(&info_);
    const std::size_t width = info_.output_width;
    const bool is_cmyk = info_.out_color_space == JCS_CMYK;
    if (is_cmyk) cmyk_row_.resize(width * 4);
    const std::size_t stride = width * (is_cmyk ? 3 : static_cast<std::size_t>(info_.output_components));
    while (info_.output_scanline < info_.output_height) {
      std::uint8_t* to = pixels.data() + info_.output_scanline * stride;
      JSAMPROW row = is_cmyk ? cmyk_row_.data() : to;
      jpeg_read_scanlines(&info_, &row, 1);
      if (is_cmyk) write_as_rgb(cmyk_row_, to);
    }
    // What follows a single scan does not matter, so that jpeg_finish_decompress() need not read it.
    return has_multiple_scans() ? has_all_scans() : ends_with_padding();
  }

  /// Sets the format and size of the output of read_pixels(). CMYK is converted to RGB.
  bool set_output(bool colour, int reduction) {
    if (setjmp(failed_) != 0) return false;
    info_.out_color_space = info_.num_components == 4 ? JCS_CMYK : colour ? JCS_RGB : JCS_GRAYSCALE;
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
      case JERR_NO_BACKING_STORE:
        return image_error::too_much_memory;
      case JERR_BAD_PRECISION:
      case JERR_COMPONENT_COUNT:
      case JERR_CONVERSION_NOTIMPL:
      case JERR_SOF_UNSUPPORTED:
        return image_error::unsupported;
      default:
        return image_error::corrupt;
    }
  }

  static long as_long(std::size_t size) {
    return static_cast<long>(std::min<std::size_t>(size, std::numeric_limits<long>::max()));
  }

  [[noreturn]] void fail(image_error why) {
    error_ = why;
    std::longjmp(failed_, 1);
  }

  /// Fails if pixels are lost: damaged images must not reach the models. Other warnings are about what many
  /// cameras write.
  void on_warning() {
    switch (errors_.msg_code) {
      case JWRN_ADOBE_XFORM:     // unknown, so that the usual colour model is assumed
      case JWRN_JFIF_MAJOR:      // an unknown version
      case JWRN_NOT_SEQUENTIAL:  // parameters of a scan that only progressive images use
        return;
      case JWRN_EXTRANEOUS_DATA:
        if (!in_scans_ || is_tolerable(static_cast<std::size_t>(errors_.msg_parm.i[0]), byte_before_marker()))
          return;
        break;
      case JWRN_JPEG_EOF:
        // If the decoder needs more data, another warning follows.
        reached_end_ = true;
        if (in_scans_) return;
        break;
      default:
        break;
    }
    fail(image_error::corrupt);
  }

  /// Whether bytes between the data of a scan and a marker may be ignored, given their number and the last
  /// one: padding, or a few others. More of them are data that were not decoded, because something before
  /// them is damaged. Up to a restart marker, this damage is confined to a few blocks, and some webcams send
  /// it all the time.
  [[nodiscard]] bool is_tolerable(std::size_t count, std::uint8_t last) const {
    constexpr std::size_t max_other_bytes = 4;
    constexpr std::size_t max_other_bytes_of_interval = 64;
    return last == 0 || last == 0xFF ||
           count <= (info_.restart_interval > 0 ? max_other_bytes_of_interval : max_other_bytes);
  }

  /// The last byte that was skipped before a marker.
  [[nodiscard]] std::uint8_t byte_before_marker() const {
    return reached_end_ ? encoded_.back() : info_.src->next_input_byte[-1];
  }

  /// Whether only padding follows the last row, up to the next marker or the end.
  [[nodiscard]] bool ends_with_padding() const {
    if (info_.unread_marker != 0) return true;
    const std::span rest(info_.src->next_input_byte, info_.src->bytes_in_buffer);
    const auto marker = std::ranges::adjacent_find(
        rest, [](int first, int second) { return first == 0xFF && second != 0 && second != 0xFF; });
    const auto extra = rest.first(static_cast<std::size_t>(marker - rest.begin()));
    return extra.empty() || is_tolerable(extra.size(), extra.back());
  }

  /// Whether no scan is missing. Not checked if the image has an end: some images do without the last bits.
  [[nodiscard]] bool has_all_scans() const {
    if (!reached_end_) return true;
    for (int i = 0; i < info_.num_components; ++i) {
      if (info_.comp_info[i].quant_table == nullptr) return false;  // was in no scan
      const auto is_known = [](int missing_bits) { return missing_bits == 0; };
      if (info_.progressive_mode != FALSE && !std::ranges::all_of(std::span(info_.coef_bits[i]), is_known))
        return false;
    }
    return true;
  }

  jpeg_decompress_struct info_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf failed_{};
  int max_scans_;
  long max_memory_;
  decode_budget& budget_;
  std::span<const std::uint8_t> encoded_;
  std::vector<JSAMPLE> cmyk_row_;
  bool created_ = false;
  bool in_scans_ = false;     ///< the header has been read
  bool reached_end_ = false;  ///< without an end marker
  image_error error_ = image_error::corrupt;
};

/// The largest reduction, up to `max_reduction`, that keeps the longer side at least `min_longer_side` long.
int reduction_for(const image_size& size, const decode_options& options) {
  int reduction = 1;
  while (reduction * 2 <= std::min(options.max_reduction, max_reduction) &&
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
  const bool has_ink = info.num_components == 4;  // CMYK, possibly as YCCK
  if (info.num_components != 1 && info.num_components != 3 && !has_ink)
    return failure(image_error::unsupported);
  if (const auto error = check_size(info.image_width, info.image_height, limits))
    return std::unexpected(error);
  // No browser reads arithmetic coding, which takes five times as long as Huffman coding.
  if (info.arith_code) return failure(image_error::unsupported);
  const image_size size{static_cast<int>(info.image_width), static_cast<int>(info.image_height)};
  budget.add_pixels(size.pixels());
  // Several scans take the most time, so that such an image is not decoded again for more detail.
  const bool full = reader.has_multiple_scans();
  // Decoding YCbCr to gray skips the chroma; RGB has no channel that could be skipped.
  const bool colour = full || options.colour || info.jpeg_color_space == JCS_RGB || has_ink;
  const int reduction = std::max(full ? 1 : reduction_for(size, options), least_reduction(size, limits));
  if (!reader.set_output(colour, reduction)) return failure(reader.error());
  reshape(into, static_cast<int>(info.output_width), static_cast<int>(info.output_height), colour ? 3 : 1,
          reduction);
  if (!reader.read_pixels(into.pixels)) return failure(reader.error());
  return size;
}

}  // namespace emostream::vision

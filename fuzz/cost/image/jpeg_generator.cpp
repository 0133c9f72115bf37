#include <algorithm>
#include <csetjmp>
#include <cstdio>  // jpeglib.h uses FILE without including this
#include <cstdlib>
#include <iterator>
#include <jpeglib.h>

#include "generators.hpp"

namespace emostream::fuzzing {

namespace {

/// One scan of all components with the DC coefficients, then scans of one component and band each, then
/// scans that add one bit of precision each.
std::vector<jpeg_scan_info> progressive_scans(choices& from, int components) {
  const int band = from.of({63, 1, 2, 8, 21, 32});
  const int precision = from.of({0, 1, 4, 10});
  const int limit = from.between(1, 80);
  std::vector<jpeg_scan_info> scans{{components, {0, 1, 2, 3}, 0, 0, 0, precision}};
  const auto add = [&](int component, int low, int high, int before, int after) {
    if (static_cast<int>(scans.size()) < limit)
      scans.push_back({1, {component, 0, 0, 0}, low, high, before, after});
  };
  for (int p = precision; p >= 0; --p) {
    const int before = p == precision ? 0 : p + 1;
    if (before != 0 && static_cast<int>(scans.size()) < limit)
      scans.push_back({components, {0, 1, 2, 3}, 0, 0, before, p});
    for (int c = 0; c < components; ++c)
      for (int low = 1; low < 64; low += band) add(c, low, std::min(low + band - 1, 63), before, p);
  }
  return scans;
}

std::vector<jpeg_scan_info> sequential_scans(int components) {
  std::vector<jpeg_scan_info> scans(static_cast<std::size_t>(components), {1, {0, 0, 0, 0}, 0, 63, 0, 0});
  for (int c = 0; c < components; ++c) scans[static_cast<std::size_t>(c)].component_index[0] = c;
  return scans;
}

class jpeg_writer {
 public:
  jpeg_writer() {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) {
      std::longjmp(static_cast<jpeg_writer*>(info->client_data)->failed_, 1);
    };
    errors_.output_message = [](j_common_ptr) {};
    jpeg_create_compress(&info_);
    info_.client_data = this;
  }
  ~jpeg_writer() {
    jpeg_destroy_compress(&info_);
    std::free(buffer_);
  }
  jpeg_writer(const jpeg_writer&) = delete;
  jpeg_writer& operator=(const jpeg_writer&) = delete;

  /// Has no local variable with a destructor, since libjpeg leaves it by longjmp().
  bool write(picture_size size, int components, choices& from, std::vector<jpeg_scan_info>& scans,
             const bytes& samples) {
    if (setjmp(failed_) != 0) {
      buffer_ = nullptr;  // libjpeg may have freed it
      return false;
    }
    jpeg_mem_dest(&info_, &buffer_, &size_);
    info_.image_width = static_cast<JDIMENSION>(size.width);
    info_.image_height = static_cast<JDIMENSION>(size.height);
    info_.input_components = components;
    info_.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&info_);
    if (components == 3) jpeg_set_colorspace(&info_, from.of({JCS_YCbCr, JCS_RGB}));
    if (components == 4) jpeg_set_colorspace(&info_, from.of({JCS_CMYK, JCS_YCCK}));
    jpeg_set_quality(&info_, from.between(1, 100), FALSE);
    for (int c = 0; c < components; ++c) {
      info_.comp_info[c].h_samp_factor = from.of({1, 2, 1, 3, 4});
      info_.comp_info[c].v_samp_factor = from.of({1, 2, 1, 3, 4});
    }
    info_.arith_code = from.below(16) == 1 ? TRUE : FALSE;
    info_.optimize_coding = from.flag() ? TRUE : FALSE;
    info_.restart_interval = static_cast<unsigned>(from.of({0, 0, 1, 7}));
    switch (from.below(4)) {
      case 1:
        jpeg_simple_progression(&info_);
        break;
      case 2:
        scans = progressive_scans(from, components);
        break;
      case 3:
        scans = sequential_scans(components);
        break;
      default:
        break;
    }
    if (!scans.empty()) {
      info_.scan_info = scans.data();
      info_.num_scans = static_cast<int>(scans.size());
    }
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      const std::size_t stride = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(components);
      JSAMPROW row = const_cast<JSAMPROW>(samples.data() + info_.next_scanline * stride);
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
    return true;
  }
  [[nodiscard]] bytes written() const { return {buffer_, buffer_ + size_}; }

 private:
  jpeg_compress_struct info_{};
  jpeg_error_mgr errors_{};
  std::jmp_buf failed_{};
  unsigned char* buffer_ = nullptr;
  unsigned long size_ = 0;
};

/// Inserts copies of the last scan before the end marker.
void repeat_last_scan(bytes& jpeg, std::size_t copies) {
  constexpr std::uint8_t start_of_scan[]{0xFF, 0xDA};
  const auto begin =
      std::find_end(jpeg.begin(), jpeg.end(), std::begin(start_of_scan), std::end(start_of_scan));
  if (begin == jpeg.end()) return;
  const bytes scan(begin, jpeg.end() - 2);
  for (std::size_t i = 0; i < copies && jpeg.size() + scan.size() <= 1'000'000; ++i)
    jpeg.insert(jpeg.end() - 2, scan.begin(), scan.end());
}

}  // namespace

bytes jpeg_image(choices& from) {
  const picture_size size = choose_size(from, 65'500);
  const int components = from.of({3, 3, 1, 4});
  const bytes samples = choose_samples(from, size.pixels() * static_cast<std::size_t>(components));
  const std::size_t copies = from.of<std::size_t>({0, 0, 10, 49});
  std::vector<jpeg_scan_info> scans;
  jpeg_writer writer;
  if (!writer.write(size, components, from, scans, samples)) return {};
  bytes jpeg = writer.written();
  if (copies > 0) repeat_last_scan(jpeg, copies);
  return jpeg;
}

}  // namespace emostream::fuzzing

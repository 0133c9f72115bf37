#include "vision/image/format.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "vision/image/byte_order.hpp"

namespace emostream::vision {

namespace {

constexpr std::string_view jpeg_magic = "\xFF\xD8";  // some cameras write other bytes before the next marker
constexpr std::string_view png_magic = "\x89PNG\r\n\x1A\n";

/// The format of an ISO base media file by the brands in its first box, `ftyp`: the major brand, its minor
/// version and the compatible brands (ISO/IEC 14496-12 section 4.3).
image_format format_of_brands(std::string_view file) {
  constexpr std::array<std::string_view, 2> avif{"avif", "avis"};
  constexpr std::array<std::string_view, 8> heic{"heic", "heix", "heim", "heis",
                                                 "hevc", "hevx", "mif1", "msf1"};
  constexpr std::size_t header = 8;
  constexpr std::size_t max_size = 256;
  if (file.size() < header) return image_format::unknown;
  bool is_heic = false;
  for (auto brands = file.substr(header, max_size); brands.size() >= 4; brands.remove_prefix(4)) {
    const auto brand = brands.substr(0, 4);
    // AVIF shares brands with HEIC.
    if (std::ranges::count(avif, brand) != 0) return image_format::avif;
    is_heic = is_heic || std::ranges::count(heic, brand) != 0;
  }
  return is_heic ? image_format::heic : image_format::unknown;
}

}  // namespace

image_format format_of(std::span<const std::uint8_t> encoded) {
  const std::string_view text(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  if (text.starts_with(jpeg_magic)) return image_format::jpeg;
  if (text.starts_with(png_magic)) return image_format::png;
  constexpr std::size_t form = 8;  // after RIFF and a size
  if (text.starts_with("RIFF") && text.size() > form && text.substr(form).starts_with("WEBP"))
    return image_format::webp;
  if (text.starts_with("GIF87a") || text.starts_with("GIF89a")) return image_format::gif;
  if (text.size() > form && text.substr(4).starts_with("ftyp")) {
    const std::size_t size = big_endian(encoded, 0, 4);
    return format_of_brands(text.substr(0, size));
  }
  return image_format::unknown;
}

}  // namespace emostream::vision

#include "vision/image/exif.hpp"

#include <cstddef>
#include <string_view>

#include "vision/image/byte_order.hpp"
#include "vision/image/format.hpp"
#include "vision/image/riff.hpp"

namespace emostream::vision {

namespace {

using block = std::span<const std::uint8_t>;

/// What an EXIF block begins with in JPEGs, followed by a byte that is ignored. Some programs write it to
/// PNGs and WebPs, too.
constexpr std::string_view exif_prefix("Exif\0", 5);
constexpr std::size_t exif_prefix_size = 6;

bool starts_with(block bytes, std::string_view text) {
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).starts_with(text);
}

/// The EXIF block of a JPEG: the first segment APP1 that contains one.
block exif_of_jpeg(block encoded) {
  constexpr std::uint8_t start_of_scan = 0xDA;
  constexpr std::uint8_t end_of_image = 0xD9;
  constexpr std::uint8_t app1 = 0xE1;
  for (std::size_t at = 2; at + 4 <= encoded.size();) {
    const std::uint8_t marker = encoded[at + 1];
    if (encoded[at] != 0xFF || marker == 0xFF) {  // before a marker, there may be other bytes
      ++at;
      continue;
    }
    if (marker == start_of_scan || marker == end_of_image) break;
    if (marker < 0xC0 || (marker >= 0xD0 && marker < start_of_scan)) {  // has no content
      at += 2;
      continue;
    }
    const std::size_t length = big_endian(encoded, at + 2, 2);
    const auto rest = encoded.subspan(at + 2);
    if (length < 2 || length > rest.size()) break;
    const auto content = rest.subspan(2, length - 2);
    if (marker == app1 && starts_with(content, exif_prefix)) return content;
    at += 2 + length;
  }
  return {};
}

/// The EXIF block of a PNG, which may be before or after the pixels.
block exif_of_png(block encoded) {
  constexpr std::size_t signature = 8;
  constexpr std::size_t header = 8;    // length and type
  constexpr std::size_t checksum = 4;  // after the content
  for (auto rest = encoded.subspan(signature); rest.size() >= header + checksum;) {
    const std::size_t length = big_endian(rest, 0, 4);
    if (length > rest.size() - header - checksum) break;
    if (starts_with(rest.subspan(4), "eXIf")) return rest.subspan(header, length);
    rest = rest.subspan(header + length + checksum);
  }
  return {};
}

block exif_of_webp(block encoded) {
  const auto chunk = find_chunk(encoded.subspan(riff_header_size), "EXIF");
  return chunk ? chunk->content : block();
}

block exif_of(block encoded) {
  switch (format_of(encoded)) {
    case image_format::jpeg:
      return exif_of_jpeg(encoded);
    case image_format::png:
      return exif_of_png(encoded);
    case image_format::webp:
      return exif_of_webp(encoded);
    default:
      return {};
  }
}

/// Reads the tag from a TIFF structure (Exif 3.0 section 4.5.2): a header of byte order, version and the
/// position of the first directory, whose entries have 12 bytes.
orientation orientation_in(block tiff) {
  constexpr std::size_t header_size = 8;
  constexpr std::size_t entry_size = 12;
  constexpr std::uint32_t version = 42;
  constexpr std::uint32_t orientation_tag = 0x0112;
  constexpr std::uint32_t type_short = 3;
  const bool is_little_endian = starts_with(tiff, "II");
  if (tiff.size() < header_size || (!is_little_endian && !starts_with(tiff, "MM"))) return {};
  const auto number = [&](std::size_t at, std::size_t size) {
    return is_little_endian ? little_endian(tiff, at, size) : big_endian(tiff, at, size);
  };
  const std::size_t directory = number(4, 4);
  if (number(2, 2) != version || directory > tiff.size() - 2) return {};
  std::size_t at = directory + 2;
  for (auto entries = number(directory, 2); entries > 0 && tiff.size() - at >= entry_size; --entries) {
    if (number(at, 2) == orientation_tag) {
      const bool is_one_short = number(at + 2, 2) == type_short && number(at + 4, 4) == 1;
      return is_one_short ? orientation(static_cast<int>(number(at + 8, 2))) : orientation();
    }
    at += entry_size;
  }
  return {};
}

}  // namespace

orientation find_orientation(std::span<const std::uint8_t> encoded) {
  const block exif = exif_of(encoded);
  const bool has_prefix = exif.size() >= exif_prefix_size && starts_with(exif, exif_prefix);
  return orientation_in(has_prefix ? exif.subspan(exif_prefix_size) : exif);
}

}  // namespace emostream::vision

#include "vision/oriented.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <zlib.h>

namespace emostream::vision::testing {

namespace {

void put(bytes& to, std::size_t value, int size, bool little_endian) {
  for (int i = 0; i < size; ++i)
    to.push_back(static_cast<std::uint8_t>(value >> 8 * (little_endian ? i : size - 1 - i)));
}

void append(bytes& to, std::string_view text) {
  to.insert(to.end(), text.begin(), text.end());
}

void append(bytes& to, const bytes& from) {
  to.insert(to.end(), from.begin(), from.end());
}

bytes jpeg_segment(const bytes& block) {
  bytes segment{0xFF, 0xE1};
  put(segment, 2 + 6 + block.size(), 2, false);
  append(segment, std::string_view("Exif\0\0", 6));
  append(segment, block);
  return segment;
}

bytes png_chunk(const bytes& block) {
  bytes chunk;
  put(chunk, block.size(), 4, false);
  append(chunk, "eXIf");
  append(chunk, block);
  put(chunk, ::crc32(0, chunk.data() + 4, static_cast<uInt>(chunk.size() - 4)), 4, false);
  return chunk;
}

bytes webp_chunk(std::string_view type, const bytes& content) {
  bytes chunk(type.begin(), type.end());
  put(chunk, content.size(), 4, true);
  append(chunk, content);
  if (content.size() % 2 != 0) chunk.push_back(0);
  return chunk;
}

bytes webp_with_exif(const bytes& encoded, const bytes& block) {
  const auto size = decode(encoded, {}).value();
  bytes header{0x08, 0, 0, 0};  // has EXIF
  put(header, static_cast<std::size_t>(size.width) - 1, 3, true);
  put(header, static_cast<std::size_t>(size.height) - 1, 3, true);
  bytes content;
  append(content, "WEBP");
  append(content, webp_chunk("VP8X", header));
  content.insert(content.end(), encoded.begin() + 12, encoded.end());
  append(content, webp_chunk("EXIF", block));
  return webp_chunk("RIFF", content);
}

}  // namespace

bytes exif_block(int orientation, bool little_endian) {
  constexpr std::size_t make_tag = 0x010F;
  constexpr std::size_t orientation_tag = 0x0112;
  constexpr int ascii = 2;
  constexpr int short_number = 3;
  bytes block;
  append(block, little_endian ? "II" : "MM");
  put(block, 42, 2, little_endian);
  put(block, 8, 4, little_endian);  // position of the directory
  put(block, 2, 2, little_endian);  // entries
  const auto entry = [&](std::size_t tag, std::size_t type, std::size_t value, int value_size) {
    put(block, tag, 2, little_endian);
    put(block, type, 2, little_endian);
    put(block, 1, 4, little_endian);
    put(block, value, value_size, little_endian);
    put(block, 0, 4 - value_size, little_endian);
  };
  entry(make_tag, ascii, 0, 1);
  entry(orientation_tag, short_number, static_cast<std::size_t>(orientation), 2);
  put(block, 0, 4, little_endian);  // no further directory
  return block;
}

bytes with_exif(const bytes& encoded, const bytes& block) {
  if (encoded[0] == 'R') return webp_with_exif(encoded, block);
  const bool is_png = encoded[0] == 0x89;
  constexpr std::size_t png_header_end = 33;
  constexpr std::size_t jpeg_begin = 2;
  const auto at = static_cast<std::ptrdiff_t>(is_png ? png_header_end : jpeg_begin);
  const bytes part = is_png ? png_chunk(block) : jpeg_segment(block);
  bytes out(encoded.begin(), encoded.begin() + at);
  append(out, part);
  out.insert(out.end(), encoded.begin() + at, encoded.end());
  return out;
}

image stored(const image& upright, int orientation) {
  image to;
  to.width = orientation < 5 ? upright.width : upright.height;
  to.height = orientation < 5 ? upright.height : upright.width;
  to.pixels.resize(upright.pixels.size());
  const int right = to.width - 1;
  const int bottom = to.height - 1;
  for (int y = 0; y < upright.height; ++y) {
    for (int x = 0; x < upright.width; ++x) {
      // Column and row in the stored image, by the meaning of each value: where its first row and column are.
      const std::pair<int, int> places[]{
          {x, y},                   // 1: top, left
          {right - x, y},           // 2: top, right
          {right - x, bottom - y},  // 3: bottom, right
          {x, bottom - y},          // 4: bottom, left
          {y, x},                   // 5: left, top
          {y, bottom - x},          // 6: right, top
          {right - y, bottom - x},  // 7: right, bottom
          {right - y, x},           // 8: left, bottom
      };
      const auto [column, row] = places[orientation - 1];
      const auto from = static_cast<std::ptrdiff_t>(y) * upright.width + x;
      const auto into = static_cast<std::ptrdiff_t>(row) * to.width + column;
      std::copy_n(upright.pixels.begin() + from * 3, 3, to.pixels.begin() + into * 3);
    }
  }
  return to;
}

}  // namespace emostream::vision::testing

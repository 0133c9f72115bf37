#include <algorithm>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_png;

const image original = gradient(160, 120);

struct chunk {
  std::string type;
  bytes content;
  bool right_checksum = true;
};

void put(bytes& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(value >> shift));
}

constexpr std::size_t signature_size = 8;

std::vector<chunk> chunks_of(const bytes& png) {
  std::vector<chunk> chunks;
  for (std::size_t at = signature_size; at < png.size(); at += 12 + chunks.back().content.size()) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | png[at + i];
    const auto type = png.begin() + static_cast<std::ptrdiff_t>(at) + 4;
    chunks.push_back({{type, type + 4}, {type + 4, type + 4 + static_cast<std::ptrdiff_t>(length)}});
  }
  return chunks;
}

bytes png_of(const std::vector<chunk>& chunks) {
  bytes png = to_png(original);
  png.resize(signature_size);
  for (const chunk& c : chunks) {
    put(png, static_cast<std::uint32_t>(c.content.size()));
    const std::size_t begin = png.size();
    png.insert(png.end(), c.type.begin(), c.type.end());
    png.insert(png.end(), c.content.begin(), c.content.end());
    const auto checksum = crc32(0, png.data() + begin, static_cast<uInt>(png.size() - begin));
    put(png, static_cast<std::uint32_t>(checksum) ^ (c.right_checksum ? 0 : 1));
  }
  return png;
}

/// The chunks of the image, with one more before the first chunk of type `before`.
bytes with_chunk(const chunk& added, std::string_view before) {
  auto chunks = chunks_of(to_png(original));
  chunks.insert(std::ranges::find(chunks, before, &chunk::type), added);
  return png_of(chunks);
}

/// Changes the content of the chunk with the pixels.
template <class Change>
bytes with_changed_pixels(Change change) {
  auto chunks = chunks_of(to_png(original));
  change(*std::ranges::find(chunks, "IDAT", &chunk::type));
  return png_of(chunks);
}

void expect_original(const bytes& encoded) {
  const auto decoded = decode(encoded, {});
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->pixels == original.pixels);
}

void expect_corrupt(const bytes& encoded) {
  const auto decoded = decode(encoded, {});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), image_error::corrupt);
}

const chunk linear_gamma{"gAMA", {0, 1, 0x86, 0xA0}};

TEST(decode_png_test, accepts_anything_after_the_end) {
  bytes encoded = to_png(original);
  for (int i = 0; i < 100; ++i) encoded.push_back(static_cast<std::uint8_t>(i * 37));
  expect_original(encoded);
}

TEST(decode_png_test, accepts_an_image_whose_end_is_missing_or_damaged) {
  const bytes encoded = to_png(original);
  constexpr std::size_t end_size = 12;
  for (std::size_t missing = 1; missing <= end_size; ++missing)
    expect_original({encoded.begin(), encoded.end() - static_cast<std::ptrdiff_t>(missing)});
  auto chunks = chunks_of(encoded);
  chunks.back().right_checksum = false;
  expect_original(png_of(chunks));
}

TEST(decode_png_test, ignores_ancillary_chunks_with_a_wrong_checksum) {
  for (const auto& type : {"gAMA", "tEXt", "iCCP", "abCd"})
    expect_original(with_chunk({type, linear_gamma.content, false}, "IDAT"));
}

TEST(decode_png_test, ignores_ancillary_chunks_after_the_pixels) {
  expect_original(with_chunk(linear_gamma, "IEND"));
  expect_original(with_chunk({"tRNS", {0, 0, 0, 0, 0, 0}}, "IEND"));
  bytes cut = with_chunk({"tEXt", bytes(100, 'x')}, "IEND");
  cut.resize(cut.size() - 50);
  expect_original(cut);
}

TEST(decode_png_test, accepts_a_stream_that_ends_badly_after_the_last_row) {
  constexpr std::size_t checksum_size = 4;
  expect_original(with_changed_pixels(
      [](chunk& pixels) { pixels.content.resize(pixels.content.size() - checksum_size); }));
  expect_original(
      with_changed_pixels([](chunk& pixels) { pixels.content.insert(pixels.content.end(), 20, 'x'); }));
}

TEST(decode_png_test, rejects_damaged_pixels) {
  expect_corrupt(with_changed_pixels([](chunk& pixels) { pixels.right_checksum = false; }));
  expect_corrupt(with_changed_pixels([](chunk& pixels) { pixels.content[pixels.content.size() / 2] ^= 8; }));
  expect_corrupt(with_changed_pixels([](chunk& pixels) { pixels.content.back() ^= 1; }));
  expect_corrupt(
      with_changed_pixels([](chunk& pixels) { pixels.content.resize(pixels.content.size() / 2); }));
  auto chunks = chunks_of(to_png(original));
  chunks.front().right_checksum = false;
  expect_corrupt(png_of(chunks));
}

TEST(decode_png_test, rejects_more_rows_than_the_header_has) {
  auto chunks = chunks_of(to_png(original));
  chunks.front().content[7] = 119;  // the height
  expect_corrupt(png_of(chunks));
}

}  // namespace
}  // namespace emostream::vision

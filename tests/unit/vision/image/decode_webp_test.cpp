#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_webp;

void expect_error(const bytes& encoded, image_error error) {
  const auto decoded = decode(encoded, {});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), error) << decoded.error().message();
}

void append(bytes& to, const bytes& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Writes a number whose least significant bit comes first.
class bit_string {
 public:
  bit_string& add(std::uint32_t value, int bits) {
    for (int i = 0; i < bits; ++i, ++size_) {
      if (size_ % 8 == 0) content.push_back(0);
      content.back() = static_cast<std::uint8_t>(content.back() | (value >> i & 1U) << size_ % 8);
    }
    return *this;
  }
  bytes content;

 private:
  int size_ = 0;
};

/// The beginning of a lossless stream: an image in which each tile of 2^`tile_bits` pixels has group `group`
/// of prefix codes. The codes are missing.
bytes lossless_stream(std::uint32_t group, std::uint32_t tile_bits = 5) {
  bit_string bits;
  bits.add(0, 1);                        // no transform
  bits.add(0, 1);                        // no colour cache
  bits.add(1, 1).add(tile_bits - 2, 3);  // an image of group numbers
  bits.add(0, 1);                        // no colour cache
  for (const std::uint32_t symbol : {group % 256, group / 256, 0U, 0U, 0U})
    bits.add(0b101, 3).add(symbol, 8);  // a code of one symbol
  bits.add(0, 32).add(0, 32);
  return bits.content;
}

bytes chunk(std::string_view type, const bytes& content) {
  bytes out(type.begin(), type.end());
  const auto size = static_cast<std::uint32_t>(content.size());
  append(out, bit_string().add(size, 32).content);
  append(out, content);
  if (size % 2 != 0) out.push_back(0);
  return out;
}

bytes webp(const bytes& chunks) {
  bytes content{'W', 'E', 'B', 'P'};
  append(content, chunks);
  return chunk("RIFF", content);
}

bytes lossless_webp(std::uint32_t width, std::uint32_t height, const bytes& stream) {
  bytes content = bit_string().add(0x2F, 8).add(width - 1, 14).add(height - 1, 14).add(0, 4).content;
  append(content, stream);
  return webp(chunk("VP8L", content));
}

bytes webp_with_alpha(std::uint32_t width, std::uint32_t height, const bytes& stream) {
  const bytes opaque = to_webp(gradient(static_cast<int>(width), static_cast<int>(height)), false);
  bytes chunks = chunk("VP8X", bit_string().add(0x10, 32).add(width - 1, 24).add(height - 1, 24).content);
  bytes alpha{1};
  append(alpha, stream);
  append(chunks, chunk("ALPH", alpha));
  chunks.insert(chunks.end(), opaque.begin() + 12, opaque.end());
  return webp(chunks);
}

TEST(decode_webp_test, rejects_more_groups_of_prefix_codes_than_an_image_of_its_size_can_use) {
  for (const auto make : {lossless_webp, webp_with_alpha}) {
    // 640×480 pixels: 64 groups and one more per 4,096 pixels. An image with fewer is corrupt here, since it
    // has no codes.
    expect_error(make(640, 480, lossless_stream(138)), image_error::corrupt);
    expect_error(make(640, 480, lossless_stream(139)), image_error::too_complex);
    expect_error(make(640, 480, lossless_stream(65'535)), image_error::too_complex);
    // 19,200 tiles
    expect_error(make(640, 480, lossless_stream(63, 2)), image_error::corrupt);
    expect_error(make(640, 480, lossless_stream(64, 2)), image_error::too_complex);
  }
}

TEST(decode_webp_test, accepts_the_groups_of_an_encoder) {
  image tiles;  // 16 colours in each tile of 16 pixels, for which libwebp makes several groups
  tiles.width = tiles.height = 256;
  std::minstd_rand random(1);
  std::array<std::array<std::uint8_t, 3>, 16 * 16 * 16> colours;
  for (auto& colour : colours)
    for (auto& channel : colour) channel = static_cast<std::uint8_t>(random());
  for (std::size_t y = 0; y < 256; ++y)
    for (std::size_t x = 0; x < 256; ++x) {
      const auto& colour = colours[(y / 16 * 16 + x / 16) * 16 + random() % 16];
      tiles.pixels.insert(tiles.pixels.end(), colour.begin(), colour.end());
    }
  const auto decoded = decode(to_webp(tiles, true), {});
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->pixels == tiles.pixels);
}

TEST(decode_webp_test, finds_the_image_behind_other_chunks) {
  const image original = gradient(160, 120);
  const bytes encoded = to_webp(original, true);
  bytes chunks = chunk("VP8X", bit_string().add(0, 32).add(159, 24).add(119, 24).content);
  append(chunks, chunk("EXIF", {1, 2, 3}));
  chunks.insert(chunks.end(), encoded.begin() + 12, encoded.end());
  const auto decoded = decode(webp(chunks), {});
  ASSERT_TRUE(decoded) << decoded.error().message();
  EXPECT_TRUE(decoded->pixels == original.pixels);
}

/// An animation whose first frame is at (2·`left`, 2·`top`) on a canvas of that size.
bytes animated_webp(const bytes& still, const image_size& canvas, std::uint32_t left, std::uint32_t top) {
  const auto size = decode(still, {}).value();
  const auto number = [](int n) { return static_cast<std::uint32_t>(n); };
  bytes chunks = chunk("VP8X", bit_string()
                                   .add(0x02, 32)
                                   .add(number(canvas.width) - 1, 24)
                                   .add(number(canvas.height) - 1, 24)
                                   .content);
  append(chunks, chunk("ANIM", bytes(6, 255)));
  bytes frame = bit_string()
                    .add(left, 24)
                    .add(top, 24)
                    .add(number(size.width) - 1, 24)
                    .add(number(size.height) - 1, 24)
                    .add(0, 32)
                    .content;
  frame.insert(frame.end(), still.begin() + 12, still.end());
  append(chunks, chunk("ANMF", frame));
  append(chunks, chunk("ANMF", {1, 2, 3}));
  return webp(chunks);
}

TEST(decode_webp_test, decodes_the_first_frame_of_an_animation) {
  const image original = gradient(160, 120);
  for (const bool lossless : {false, true}) {
    const bytes still = to_webp(original, lossless);
    const auto decoded = decode(animated_webp(still, {160, 120}, 0, 0), {});
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_TRUE(decoded->pixels == decode(still, {})->pixels);
  }
}

TEST(decode_webp_test, draws_a_smaller_first_frame_on_black) {
  const image original = gradient(60, 40);
  for (const std::uint8_t alpha : {255, 0}) {
    image decoded{.width = 1, .height = 1, .pixels = bytes(100'000, 77)};
    const auto size = decode(animated_webp(to_webp(original, true, alpha), {100, 90}, 5, 7), {}, {}, decoded);
    ASSERT_TRUE(size) << size.error().message();
    EXPECT_EQ(size->width, 100);
    image expected{100, 90, bytes(std::size_t{100} * 90 * 3)};
    for (std::size_t y = 0; y < 40 && alpha != 0; ++y)
      std::copy_n(original.pixels.begin() + static_cast<std::ptrdiff_t>(y * 60 * 3), 60 * 3,
                  expected.pixels.begin() + static_cast<std::ptrdiff_t>(((14 + y) * 100 + 10) * 3));
    EXPECT_TRUE(decoded.pixels == expected.pixels);
  }
}

TEST(decode_webp_test, rejects_animations_without_a_valid_first_frame) {
  const bytes still = to_webp(gradient(160, 120), true);
  expect_error(animated_webp(still, {160, 120}, 1, 0), image_error::corrupt);
  expect_error(animated_webp(still, {160, 119}, 0, 0), image_error::corrupt);
  expect_error(animated_webp(still, {160, 120}, 0xFFFFFF, 0xFFFFFF), image_error::corrupt);
  expect_error(animated_webp(still, {16'000, 16'000}, 0, 0), image_error::too_many_pixels);
  bytes without_pixels = animated_webp(still, {160, 120}, 0, 0);
  without_pixels.resize(60);
  expect_error(without_pixels, image_error::corrupt);
}

TEST(decode_webp_test, accepts_a_file_of_another_size_than_its_header_has) {
  const image original = gradient(160, 120);
  bytes encoded = to_webp(original, true);
  for (const std::uint8_t size : {0, 1, 200}) {
    for (std::size_t i = 4; i < 8; ++i) encoded[i] = size;
    const auto decoded = decode(encoded, {});
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_TRUE(decoded->pixels == original.pixels);
    encoded.push_back('x');
  }
}

TEST(decode_webp_test, rejects_an_image_outside_a_chunk) {
  const bytes encoded = to_webp(gradient(160, 120), true);
  bytes raw{'W', 'E', 'B', 'P'};
  raw.insert(raw.end(), encoded.begin() + 20, encoded.end());
  expect_error(chunk("RIFF", raw), image_error::corrupt);
}

}  // namespace
}  // namespace emostream::vision

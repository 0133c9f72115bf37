#include <algorithm>
#include <array>
#include <png.h>
#include <random>
#include <string_view>
#include <zlib.h>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_jpeg;
using testing::to_png;
using testing::to_webp;

void expect_error(const bytes& encoded, image_error error, const image_limits& limits = {}) {
  const auto decoded = decode(encoded, limits);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), error) << decoded.error().message();
}

constexpr image_limits no_time{.base_time = {}, .time_per_pixel = {}, .time_per_byte = {}};

void put(bytes& to, std::uint32_t value, int size) {
  while (size-- > 0) to.push_back(static_cast<std::uint8_t>(value >> 8 * size));
}

void append(bytes& to, const bytes& from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::ptrdiff_t find(const bytes& in, std::string_view type) {
  return std::ranges::search(in, type).begin() - in.begin();
}

/// The image as libpng's simplified API decodes it.
bytes rgb_of(const bytes& encoded) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&png, encoded.data(), encoded.size()), 0);
  png.format = PNG_FORMAT_RGB;
  bytes pixels(PNG_IMAGE_SIZE(png));
  const png_color black{};
  EXPECT_NE(png_image_finish_read(&png, &black, pixels.data(), 0, nullptr), 0) << png.message;
  return pixels;
}

TEST(decode_png_test, converts_all_layouts_as_libpng_does) {
  constexpr std::pair<int, int> layouts[]{{0, 1}, {0, 2}, {0, 4}, {0, 8}, {2, 8}, {3, 1},
                                          {3, 2}, {3, 4}, {3, 8}, {4, 8}, {6, 8}};
  for (const auto& [type, depth] : layouts) {
    for (const bool interlaced : {false, true}) {
      for (const bool transparent : {false, true}) {
        for (const double gamma : {0.0, 1 / 2.2, 1.0}) {
          if (transparent && type >= 4) continue;  // has an alpha channel
          const bytes encoded = testing::random_png({type, depth, interlaced, transparent, gamma});
          const auto decoded = decode(encoded, {});
          ASSERT_TRUE(decoded) << decoded.error().message();
          EXPECT_TRUE(decoded->pixels == rgb_of(encoded))
              << type << ' ' << depth << ' ' << interlaced << ' ' << transparent << ' ' << gamma;
        }
      }
    }
  }
}

TEST(decode_png_test, rejects_16_bits_per_channel) {
  for (const int type : {0, 2, 4, 6})
    expect_error(testing::random_png({.colour_type = type, .depth = 16}), image_error::unsupported);
}

/// A PNG with the given chunk IDAT instead of its own. libpng reads the pixels before it compares checksums.
bytes with_pixels(bytes png, const bytes& compressed) {
  png.resize(static_cast<std::size_t>(find(png, "IDAT")) - 4);
  put(png, static_cast<std::uint32_t>(compressed.size()), 4);
  append(png, {'I', 'D', 'A', 'T'});
  append(png, compressed);
  put(png, 0, 4);
  return png;
}

TEST(decode_png_test, stops_in_a_chunk_without_pixels_when_its_time_is_used_up) {
  bytes blocks{0x78, 0x01};
  for (int i = 0; i < 10'000; ++i) append(blocks, {0, 0, 0, 0xFF, 0xFF});
  const bytes encoded = with_pixels(to_png(gradient(160, 120)), blocks);
  expect_error(encoded, image_error::corrupt);
  expect_error(encoded, image_error::too_complex, no_time);
}

TEST(decode_png_test, does_not_inflate_the_data_after_the_last_row) {
  bytes rows((160 * 3 + 1) * 120);
  rows.resize(rows.size() + 100'000'000);
  bytes compressed(compressBound(rows.size()));
  uLongf size = compressed.size();
  ASSERT_EQ(compress2(compressed.data(), &size, rows.data(), rows.size(), 1), Z_OK);
  compressed.resize(size);
  // To inflate all of it takes longer than allowed.
  expect_error(with_pixels(to_png(gradient(160, 120)), compressed), image_error::corrupt);
}

TEST(decode_limits_test, a_decoder_stops_when_its_time_is_over) {
  const image original = gradient(640, 480);
  for (const bytes& encoded : {to_jpeg(original, {.scans = 10}), to_png(original)}) {
    EXPECT_TRUE(decode(encoded, {}));
    expect_error(encoded, image_error::too_complex, no_time);
  }
}

TEST(decode_limits_test, rejects_jpegs_with_arithmetic_coding) {
  expect_error(to_jpeg(gradient(160, 120), {.arithmetic = true}), image_error::unsupported);
  expect_error(to_jpeg(gradient(160, 120), {.scans = 10, .arithmetic = true}), image_error::unsupported);
}

TEST(decode_limits_test, jpegs_with_several_scans_are_decoded_in_full) {
  const decode_options reduced{.colour = false, .max_reduction = 2};
  image decoded;
  ASSERT_TRUE(decode(to_jpeg(gradient(640, 480)), {}, reduced, decoded));
  EXPECT_FALSE(decoded.is_full());
  ASSERT_TRUE(decode(to_jpeg(gradient(640, 480), {.scans = 10}), {}, reduced, decoded));
  EXPECT_TRUE(decoded.is_full());
  EXPECT_EQ(decoded.width, 640);
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

TEST(decode_webp_test, rejects_an_image_outside_a_chunk) {
  const bytes encoded = to_webp(gradient(160, 120), true);
  bytes raw{'W', 'E', 'B', 'P'};
  raw.insert(raw.end(), encoded.begin() + 20, encoded.end());
  expect_error(chunk("RIFF", raw), image_error::corrupt);
}

}  // namespace
}  // namespace emostream::vision

#include <algorithm>
#include <cstdlib>
#include <png.h>
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
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  bytes pixels(PNG_IMAGE_SIZE(png));
  const png_color black{};
  EXPECT_NE(png_image_finish_read(&png, &black, pixels.data(), 0, nullptr), 0) << png.message;
  return pixels;
}

int difference(const bytes& a, const bytes& b) {
  int greatest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) greatest = std::max(greatest, std::abs(a[i] - b.at(i)));
  return greatest;
}

TEST(decode_png_test, converts_all_layouts_as_libpng_does) {
  constexpr std::pair<int, int> layouts[]{{0, 1}, {0, 2}, {0, 4}, {0, 8},  {2, 8},  {3, 1},  {3, 2}, {3, 4},
                                          {3, 8}, {4, 8}, {6, 8}, {0, 16}, {2, 16}, {4, 16}, {6, 16}};
  for (const auto& [type, depth] : layouts) {
    for (const bool interlaced : {false, true}) {
      for (const bool transparent : {false, true}) {
        for (const double gamma : {0.0, 1 / 2.2, 1.0}) {
          if (transparent && type >= 4) continue;  // has an alpha channel
          const bytes encoded = testing::random_png({type, depth, interlaced, transparent, gamma});
          const auto decoded = decode(encoded, {});
          ASSERT_TRUE(decoded) << decoded.error().message();
          // The simplified API rounds twice, and does not decode interlaced images with 16 bits.
          const bytes expected = rgb_of(testing::random_png({type, depth, false, transparent, gamma}));
          EXPECT_LE(difference(decoded->pixels, expected), depth == 16 ? 1 : 0)
              << type << ' ' << depth << ' ' << interlaced << ' ' << transparent << ' ' << gamma;
        }
      }
    }
  }
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

}  // namespace
}  // namespace emostream::vision

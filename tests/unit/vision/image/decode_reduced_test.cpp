#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/gif.hpp"
#include "vision/image/image.hpp"
#include "vision/oriented.hpp"

// Images with more pixels than are decoded: photographs.
namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gradient;
using testing::to_jpeg;
using testing::to_png;
using testing::to_webp;

constexpr image_limits quarter{.max_decoded_pixels = 321 * 240};

/// The average of the pixels in each square of a picture.
image averaged(const image& picture, int reduction) {
  const auto size = image_size{picture.width, picture.height}.reduced(reduction);
  image out{size.width, size.height, {}};
  for (int i = 0; i < size.width * size.height * 3; ++i) {
    const int left = i / 3 % size.width * reduction;
    const int top = i / 3 / size.width * reduction;
    int sum = 0;
    int count = 0;
    for (int y = top; y < std::min(top + reduction, picture.height); ++y)
      for (int x = left; x < std::min(left + reduction, picture.width); ++x, ++count)
        sum += picture.pixels[static_cast<std::size_t>((y * picture.width + x) * 3 + i % 3)];
    out.pixels.push_back(static_cast<std::uint8_t>(sum / count));
  }
  return out;
}

void expect_like(const image& decoded, const image& expected, int tolerance) {
  ASSERT_EQ(decoded.width, expected.width);
  ASSERT_EQ(decoded.height, expected.height);
  ASSERT_EQ(decoded.pixels.size(), expected.pixels.size());
  int greatest = 0;
  for (std::size_t i = 0; i < decoded.pixels.size(); ++i)
    greatest = std::max(greatest, std::abs(decoded.pixels[i] - expected.pixels[i]));
  EXPECT_LE(greatest, tolerance);
}

/// Expects that the image, made from `picture`, is decoded at half its width and height.
void expect_halved(const bytes& encoded, const image& picture, int tolerance) {
  image decoded;
  const auto size = decode(encoded, quarter, {}, decoded);
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(size->width, picture.width);
  EXPECT_EQ(size->height, picture.height);
  EXPECT_EQ(decoded.reduction, 2);
  EXPECT_EQ(decoded.least_reduction, 2);
  EXPECT_TRUE(decoded.is_full()) << "more detail cannot be had";
  expect_like(decoded, averaged(picture, 2), tolerance);
}

TEST(decode_reduced_test, jpegs_of_all_kinds) {
  for (const image& picture : {gradient(640, 480), gradient(641, 479)}) {
    expect_halved(to_jpeg(picture), picture, 12);
    expect_halved(to_jpeg(picture, {.progressive = true}), picture, 12);
  }
  image decoded;
  for (const bool ycck : {false, true}) {
    const bytes cmyk = to_jpeg(gradient(640, 480), {.components = 4, .ycck = ycck});
    ASSERT_TRUE(decode(cmyk, quarter, {}, decoded));
    expect_like(decoded, averaged(*decode(cmyk, {}), 2), 12);
  }
}

TEST(decode_reduced_test, a_jpeg_may_be_reduced_further) {
  image decoded;
  const decode_options less{.colour = false, .max_reduction = 4};
  ASSERT_TRUE(decode(to_jpeg(gradient(640, 480)), quarter, less, decoded));
  EXPECT_EQ(decoded.reduction, 4);
  EXPECT_EQ(decoded.least_reduction, 2);
  EXPECT_FALSE(decoded.is_full());
}

TEST(decode_reduced_test, pngs_of_all_kinds) {
  for (const image& picture : {gradient(640, 480), gradient(641, 479)}) {
    expect_halved(to_png(picture), picture, 1);
    expect_halved(to_png(picture, {.channels = 4}), picture, 1);
    expect_halved(to_png(picture, {.depth = 16}), picture, 1);
  }
  const image_limits small{.max_decoded_pixels = 1000};
  for (const bool interlaced : {false, true}) {
    const bytes random = testing::random_png({.colour_type = 2, .depth = 8, .interlaced = interlaced});
    const auto decoded = decode(random, small);
    ASSERT_TRUE(decoded);
    expect_like(*decoded, averaged(*decode(random, {}), 2), 1);
  }
}

TEST(decode_reduced_test, gifs) {
  for (const bool interlaced : {false, true}) {
    std::vector<std::uint8_t> colours;
    for (int i = 0; i < 100 * 80; ++i) colours.push_back(static_cast<std::uint8_t>(i / 37));
    const bytes gif = testing::to_gif(colours, {.screen_width = 151,
                                                .screen_height = 91,
                                                .left = 7,
                                                .top = 5,
                                                .width = 100,
                                                .height = 80,
                                                .interlaced = interlaced});
    const auto decoded = decode(gif, {.max_decoded_pixels = 4000});
    ASSERT_TRUE(decoded);
    expect_like(*decoded, averaged(*decode(gif, {}), 2), 1);
  }
}

TEST(decode_reduced_test, webps_of_all_kinds) {
  for (const image& picture : {gradient(640, 480), gradient(641, 479)}) {
    expect_halved(to_webp(picture, true), picture, 3);
    expect_halved(to_webp(picture, false), picture, 24);
  }
  const bytes transparent = to_webp(gradient(640, 480), true, 128);
  const auto decoded = decode(transparent, quarter);
  ASSERT_TRUE(decoded);
  expect_like(*decoded, averaged(*decode(transparent, {}), 2), 3);
}

TEST(decode_reduced_test, the_reduction_suffices_for_the_limit) {
  const bytes encoded = to_png(gradient(640, 480));
  for (const auto& [pixels, reduction] : {std::pair{640 * 480, 1},
                                          {640 * 480 - 1, 2},
                                          {320 * 240, 2},
                                          {320 * 240 - 1, 4},
                                          {160 * 120 - 1, 8}}) {
    const auto decoded = decode(encoded, {.max_decoded_pixels = pixels});
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->reduction, reduction) << pixels;
  }
}

TEST(decode_reduced_test, a_reduced_image_is_turned_upright) {
  const image picture = gradient(480, 640);
  const bytes encoded = testing::with_exif(to_jpeg(testing::stored(picture, 6)), testing::exif_block(6));
  image decoded;
  const auto size = decode(encoded, quarter, {}, decoded);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 480);
  EXPECT_EQ(decoded.reduction, 2);
  expect_like(decoded, averaged(picture, 2), 12);
}

TEST(decode_reduced_test, the_memory_of_decoders_is_limited) {
  const image picture = gradient(640, 480);
  const std::size_t pixels = 640 * 480;
  const auto error_of = [](const bytes& encoded, const image_limits& limits) {
    const auto decoded = decode(encoded, limits);
    return decoded ? std::error_code() : decoded.error();
  };
  const auto with = [](std::size_t memory, const image_limits& other = {}) {
    image_limits limits = other;
    limits.max_memory = memory;
    return limits;
  };
  const bytes progressive = to_jpeg(picture, {.progressive = true});
  EXPECT_EQ(error_of(progressive, with(pixels * 2)), image_error::too_much_memory);
  EXPECT_FALSE(error_of(progressive, with(pixels * 6)));
  EXPECT_FALSE(error_of(to_jpeg(picture), with(200'000))) << "one scan needs no memory for coefficients";

  const bytes lossless = to_webp(picture, true);
  EXPECT_EQ(error_of(lossless, with(pixels * 3)), image_error::too_much_memory);
  EXPECT_FALSE(error_of(lossless, with(pixels * 4)));
  const bytes transparent = to_webp(picture, false, 128);
  EXPECT_EQ(error_of(transparent, with(pixels * 5)), image_error::too_much_memory);
  EXPECT_FALSE(error_of(transparent, with(pixels * 9)));
  EXPECT_FALSE(error_of(to_webp(picture, false), with(0)));

  EXPECT_FALSE(error_of(to_png(picture), with(0)));
  EXPECT_EQ(error_of(to_png(picture), with(pixels, quarter)), image_error::too_much_memory);
  EXPECT_FALSE(error_of(to_png(picture), with(pixels * 2, quarter)));
}

}  // namespace
}  // namespace emostream::vision

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/gif.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {
namespace {

using testing::bytes;
using testing::gif_colour;
using testing::gif_parameters;
using testing::to_gif;

/// Colour numbers for an image: an eighth of them random, so that there are both long and short strings.
std::vector<std::uint8_t> colours_for(const gif_parameters& p) {
  std::minstd_rand random(3);
  std::vector<std::uint8_t> colours;
  for (int i = 0; i < p.width * p.height; ++i) {
    const auto value = random() % 8 == 0 ? random() >> 4 : static_cast<unsigned>(i / 100);
    colours.push_back(static_cast<std::uint8_t>(value % (1U << p.colour_bits)));
  }
  return colours;
}

/// The picture that a viewer shows, on black.
image picture_of(const std::vector<std::uint8_t>& colours, const gif_parameters& p) {
  image picture;
  picture.width = std::max(p.screen_width, p.left + p.width);
  picture.height = std::max(p.screen_height, p.top + p.height);
  picture.pixels.resize(static_cast<std::size_t>(picture.width * picture.height * 3));
  for (int y = 0; y < p.height; ++y)
    for (int x = 0; x < p.width; ++x) {
      const std::uint8_t colour = colours[static_cast<std::size_t>(y * p.width + x)];
      if (colour == p.transparent) continue;
      const auto at = ((p.top + y) * picture.width + p.left + x) * 3;
      std::ranges::copy(gif_colour(colour), picture.pixels.begin() + at);
    }
  return picture;
}

void expect_decoded(const gif_parameters& p) {
  const auto colours = colours_for(p);
  const image expected = picture_of(colours, p);
  // The image must not depend on what the memory held before.
  image decoded{.width = 1, .height = 1, .pixels = bytes(100'000, 77)};
  const auto size = decode(to_gif(colours, p), {}, {}, decoded);
  ASSERT_TRUE(size) << size.error().message();
  EXPECT_EQ(size->width, expected.width);
  EXPECT_EQ(size->height, expected.height);
  EXPECT_TRUE(decoded.pixels == expected.pixels);
}

void expect_error(const bytes& encoded, image_error error, const image_limits& limits = {}) {
  const auto decoded = decode(encoded, limits);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), error) << decoded.error().message();
}

TEST(decode_gif_test, decodes_images_of_all_numbers_of_colours) {
  for (int bits = 2; bits <= 8; ++bits) expect_decoded({.colour_bits = bits});
  expect_decoded({.own_palette = true});
}

TEST(decode_gif_test, decodes_large_images) {
  expect_decoded({.screen_width = 500, .screen_height = 400, .width = 500, .height = 400});
  expect_decoded({.screen_width = 500, .screen_height = 400, .width = 500, .height = 400, .colour_bits = 3});
}

TEST(decode_gif_test, decodes_interlaced_images) {
  expect_decoded({.interlaced = true});
  expect_decoded({.screen_height = 33, .height = 33, .interlaced = true});
}

TEST(decode_gif_test, transparent_pixels_are_black) {
  expect_decoded({.transparent = 3});
}

TEST(decode_gif_test, draws_an_image_that_is_smaller_or_larger_than_the_screen) {
  expect_decoded({.screen_width = 100, .screen_height = 90, .left = 7, .top = 9});
  expect_decoded({.screen_width = 0, .screen_height = 0});
  expect_decoded({.screen_width = 40, .screen_height = 32, .left = 10, .top = 20});
}

TEST(decode_gif_test, decodes_the_first_image_only) {
  const gif_parameters p{};
  const auto colours = colours_for(p);
  bytes encoded = to_gif(colours, p);
  encoded.pop_back();
  const bytes garbage(1000, 0x2C);
  encoded.insert(encoded.end(), garbage.begin(), garbage.end());
  const auto decoded = decode(encoded, {});
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->pixels == picture_of(colours, p).pixels);
}

TEST(decode_gif_test, rejects_images_with_fewer_pixels_than_their_header_says) {
  const gif_parameters p{};
  const bytes whole = to_gif(colours_for(p), p);
  const auto expected = decode(whole, {});
  for (std::size_t size = 6; size < whole.size(); ++size) {
    const auto decoded = decode(std::span(whole).first(size), {});
    if (decoded)
      EXPECT_GE(size + 5,
                whole.size());  // the code for the end, the last block and the trailer may be missing
    else
      EXPECT_EQ(decoded.error(), image_error::corrupt) << size;
  }
}

TEST(decode_gif_test, rejects_invalid_codes) {
  const gif_parameters p{};
  bytes encoded = to_gif(colours_for(p), p);
  // Behind the header: the palette, a comment and the header of the image; then the bits, a size and the
  // codes.
  constexpr std::size_t codes = 13 + 768 + 10 + 10 + 2;
  encoded[codes + 1] = 0xFF;  // the first code after "clear" must be a colour
  encoded[codes + 2] |= 3;
  expect_error(encoded, image_error::corrupt);
  encoded = to_gif(colours_for(p), p);
  for (const std::uint8_t bits : {9, 255}) {
    encoded[codes - 2] = bits;
    expect_error(encoded, image_error::corrupt);
  }
}

TEST(decode_gif_test, rejects_images_without_colours) {
  const gif_parameters p{.own_palette = true};
  bytes encoded = to_gif(colours_for(p), p);
  encoded[13 + 10 + 9] = 0;  // flags of the image
  expect_error(encoded, image_error::corrupt);
}

TEST(decode_gif_test, checks_the_size_and_the_time) {
  const gif_parameters large{.screen_width = 20'000, .screen_height = 20'000};
  expect_error(to_gif(colours_for(large), large), image_error::too_many_pixels);
  const gif_parameters shifted{.left = 60'000, .top = 60'000};
  expect_error(to_gif(colours_for(shifted), shifted), image_error::too_many_pixels);
  const gif_parameters small{.screen_width = 20, .width = 20};
  expect_error(to_gif(colours_for(small), small), image_error::too_small);
  const gif_parameters p{.screen_width = 500, .screen_height = 400, .width = 500, .height = 400};
  expect_error(to_gif(colours_for(p), p), image_error::too_complex,
               {.base_time = {}, .time_per_pixel = {}, .time_per_byte = {}});
}

TEST(decode_gif_test, damaged_images_do_not_crash) {
  const gif_parameters p{
      .screen_width = 64, .screen_height = 64, .left = 3, .interlaced = true, .transparent = 1};
  const bytes whole = to_gif(colours_for(p), p);
  std::minstd_rand random(5);
  for (int round = 0; round < 2000; ++round) {
    bytes damaged = whole;
    for (int i = 0; i < 3; ++i)
      damaged[6 + random() % (damaged.size() - 6)] = static_cast<std::uint8_t>(random() >> 8);
    const auto decoded = decode(damaged, {.max_pixels = 250'000});
    if (decoded) {
      EXPECT_EQ(decoded->pixels.size(), static_cast<std::size_t>(decoded->width * decoded->height * 3));
    }
  }
}

}  // namespace
}  // namespace emostream::vision

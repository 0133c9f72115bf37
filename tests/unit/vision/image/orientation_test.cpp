#include "vision/image/orientation.hpp"

#include <gtest/gtest.h>

#include "vision/encode.hpp"
#include "vision/oriented.hpp"

namespace emostream::vision {
namespace {

using testing::exif_block;
using testing::gradient;
using testing::stored;
using testing::with_exif;

/// The channel `index` of each pixel.
image gray(const image& from, std::size_t index) {
  image g{from.width, from.height, {}, 1};
  for (std::size_t i = index; i < from.pixels.size(); i += 3) g.pixels.push_back(from.pixels[i]);
  return g;
}

TEST(orientation_test, is_upright_if_the_value_is_unknown) {
  for (const int value : {-1, 0, 9, 65'535}) EXPECT_EQ(orientation(value).value(), 1) << value;
  for (int value = 1; value <= 8; ++value) EXPECT_EQ(orientation(value).value(), value);
  EXPECT_TRUE(orientation().is_upright());
}

TEST(orientation_test, images_are_turned_upright) {
  for (const image& upright : {gradient(50, 35), gradient(1, 40), gradient(40, 1), gradient(16, 32)}) {
    for (int value = 1; value <= 8; ++value) {
      image turned = stored(upright, value);
      const image_size before{turned.width, turned.height};
      turn_upright(turned, orientation(value));
      EXPECT_EQ(turned.width, upright.width);
      EXPECT_EQ(turned.height, upright.height);
      EXPECT_TRUE(turned.pixels == upright.pixels) << value;
      const image_size after = orientation(value).size_of(before);
      EXPECT_EQ(after.width, upright.width);
      EXPECT_EQ(after.height, upright.height);
    }
  }
}

TEST(orientation_test, gray_images_are_turned_upright) {
  const image upright = gradient(50, 35);
  for (int value = 1; value <= 8; ++value) {
    for (const std::size_t channel : {0U, 1U}) {
      image turned = gray(stored(upright, value), channel);
      turn_upright(turned, orientation(value));
      EXPECT_TRUE(turned.pixels == gray(upright, channel).pixels) << value;
    }
  }
}

TEST(orientation_test, decoded_images_are_upright_unless_asked_otherwise) {
  const image upright = gradient(60, 40);
  for (int value = 1; value <= 8; ++value) {
    const image turned = stored(upright, value);
    for (const auto& encoded : {testing::to_png(turned), testing::to_webp(turned, true)}) {
      const auto with = with_exif(encoded, exif_block(value));
      image decoded;
      auto size = decode(with, {}, {}, decoded);
      ASSERT_TRUE(size) << size.error().message();
      EXPECT_EQ(size->width, 60);
      EXPECT_EQ(size->height, 40);
      EXPECT_TRUE(decoded.upright);
      EXPECT_TRUE(decoded.pixels == upright.pixels) << value;
      size = decode(with, {}, {.upright = false}, decoded);
      ASSERT_TRUE(size);
      EXPECT_EQ(size->width, turned.width);
      EXPECT_FALSE(decoded.upright);
      EXPECT_TRUE(decoded.pixels == turned.pixels) << value;
    }
  }
}

TEST(orientation_test, reduced_jpegs_are_upright) {
  const image upright = gradient(640, 480);
  image expected;
  const decode_options reduced{.colour = false, .max_reduction = 4, .min_longer_side = 160};
  ASSERT_TRUE(decode(testing::to_jpeg(upright), {}, reduced, expected));
  ASSERT_EQ(expected.reduction, 4);
  for (int value = 1; value <= 8; ++value) {
    const auto encoded = with_exif(testing::to_jpeg(stored(upright, value)), exif_block(value));
    image decoded;
    const auto size = decode(encoded, {}, reduced, decoded);
    ASSERT_TRUE(size);
    EXPECT_EQ(size->width, 640);
    EXPECT_EQ(decoded.width, 160);
    EXPECT_EQ(decoded.height, 120);
    EXPECT_EQ(decoded.channels, 1);
    ASSERT_EQ(decoded.pixels.size(), expected.pixels.size());
    for (std::size_t i = 0; i < expected.pixels.size(); ++i)
      ASSERT_NEAR(decoded.pixels[i], expected.pixels[i], 6) << value << ' ' << i;
  }
}

}  // namespace
}  // namespace emostream::vision

#include "vision/search/enlarged_parts.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace emostream::vision {
namespace {

std::vector<region> parts_of(int width, int height) {
  return enlarged_parts({width, height, {}});
}

bool contains(const region& part, int left, int top, int side) {
  return left >= part.left && top >= part.top && left + side <= part.left + part.width &&
         top + side <= part.top + part.height;
}

std::vector<std::pair<int, int>> corners(const std::vector<region>& parts) {
  std::vector<std::pair<int, int>> all;
  for (const region& p : parts) all.emplace_back(p.left, p.top);
  return all;
}

TEST(enlarged_parts_test, are_few_and_ordered_by_rows) {
  EXPECT_THAT(corners(parts_of(640, 480)), ::testing::ElementsAre(std::pair{0, 0}, std::pair{280, 0},
                                                                  std::pair{0, 120}, std::pair{280, 120}));
  EXPECT_THAT(corners(parts_of(1280, 720)), ::testing::ElementsAre(std::pair{0, 0}, std::pair{560, 0}));
  EXPECT_THAT(corners(parts_of(720, 1280)), ::testing::ElementsAre(std::pair{0, 0}, std::pair{0, 560}));
  EXPECT_EQ(parts_of(852, 480).size(), 2U) << "9/16 of 852 is no whole number";
  EXPECT_EQ(parts_of(512, 512).size(), 4U);
}

TEST(enlarged_parts_test, lie_inside_the_image_and_have_one_size) {
  for (const auto& [width, height] :
       {std::pair{640, 480}, {480, 640}, {1280, 720}, {1921, 1079}, {333, 250}}) {
    const auto parts = parts_of(width, height);
    for (const region& p : parts) {
      EXPECT_GE(p.left, 0);
      EXPECT_GE(p.top, 0);
      EXPECT_LE(p.left + p.width, width);
      EXPECT_LE(p.top + p.height, height);
      EXPECT_EQ(p.width, parts[0].width);
      EXPECT_EQ(p.height, parts[0].height);
    }
    EXPECT_LT(std::max(parts[0].width, parts[0].height), 0.6 * std::max(width, height))
        << "else nothing is enlarged";
  }
}

/// A square as large as the overlap is whole in one of them, wherever it lies; so is each pixel.
TEST(enlarged_parts_test, each_small_face_is_whole_in_one) {
  for (const auto& [width, height] : {std::pair{640, 480}, {480, 640}, {1280, 720}, {640, 640}, {1000, 30}}) {
    const auto parts = parts_of(width, height);
    const int side = std::min(std::max(width, height) * 8 / 100, std::min(width, height));
    for (int top = 0; top + side <= height; ++top)
      for (int left = 0; left + side <= width; ++left)
        ASSERT_TRUE(std::ranges::any_of(parts, [&](const region& p) { return contains(p, left, top, side); }))
            << width << "×" << height << ": " << left << ", " << top;
  }
}

TEST(enlarged_parts_test, tiny_images_have_parts_too) {
  for (const auto& [width, height] :
       {std::pair{1, 1}, {2, 1}, {1, 2}, {3, 3}, {16, 16}, {500, 1}, {1, 500}}) {
    const auto parts = parts_of(width, height);
    ASSERT_FALSE(parts.empty());
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        EXPECT_TRUE(std::ranges::any_of(parts, [&](const region& p) { return contains(p, x, y, 1); }))
            << width << "×" << height << ": " << x << ", " << y;
  }
}

}  // namespace
}  // namespace emostream::vision

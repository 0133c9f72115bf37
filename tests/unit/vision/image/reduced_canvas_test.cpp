#include "vision/image/reduced_canvas.hpp"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

image random_picture(int width, int height) {
  std::minstd_rand random(7);
  image picture{width, height, {}};
  picture.pixels.resize(static_cast<std::size_t>(width * height * 3));
  for (auto& value : picture.pixels) value = static_cast<std::uint8_t>(random() >> 8);
  return picture;
}

std::span<const std::uint8_t> row_of(const image& picture, int y) {
  const auto stride = static_cast<std::size_t>(picture.width) * 3;
  return std::span(picture.pixels).subspan(static_cast<std::size_t>(y) * stride, stride);
}

/// Each pixel is the rounded average of the square that it covers.
void expect_averages(const image& reduced, const image& of, int reduction) {
  ASSERT_EQ(reduced.width, (of.width + reduction - 1) / reduction);
  ASSERT_EQ(reduced.height, (of.height + reduction - 1) / reduction);
  EXPECT_EQ(reduced.reduction, reduction);
  const auto sample = [](const image& i, int x, int y, int channel) {
    return i.pixels[static_cast<std::size_t>((y * i.width + x) * 3 + channel)];
  };
  for (int i = 0; i < reduced.width * reduced.height * 3; ++i) {
    const int x = i / 3 % reduced.width;
    const int y = i / 3 / reduced.width;
    double sum = 0;
    int count = 0;
    for (int v = y * reduction; v < std::min((y + 1) * reduction, of.height); ++v)
      for (int u = x * reduction; u < std::min((x + 1) * reduction, of.width); ++u, ++count)
        sum += sample(of, u, v, i % 3);
    ASSERT_NEAR(sample(reduced, x, y, i % 3), sum / count, 0.5) << x << ' ' << y;
  }
}

TEST(reduced_canvas_test, averages_the_pixels_of_squares) {
  for (const image& picture : {random_picture(40, 32), random_picture(41, 37), random_picture(5, 3)}) {
    for (const int reduction : {1, 2, 4, 8}) {
      image reduced;
      reduced_canvas canvas(reduced, {picture.width, picture.height}, reduction);
      for (int y = 0; y < picture.height; ++y) canvas.draw(0, y, 1, row_of(picture, y));
      canvas.finish();
      expect_averages(reduced, picture, reduction);
    }
  }
}

TEST(reduced_canvas_test, takes_pixels_in_any_order) {
  const image picture = random_picture(41, 37);
  for (const int reduction : {1, 2, 8}) {
    image reduced;
    reduced_canvas canvas(reduced, {picture.width, picture.height}, reduction);
    for (const int first : {2, 0, 1}) {
      for (int y = picture.height - 1; y >= 0; --y) {
        const auto row = row_of(picture, y);
        std::vector<std::uint8_t> part;  // every third pixel
        for (auto at = static_cast<std::size_t>(first) * 3; at < row.size(); at += 9)
          part.insert(part.end(), row.begin() + static_cast<std::ptrdiff_t>(at),
                      row.begin() + static_cast<std::ptrdiff_t>(at) + 3);
        canvas.draw(first, y, 3, part);
      }
    }
    canvas.finish();
    expect_averages(reduced, picture, reduction);
  }
}

TEST(reduced_canvas_test, pixels_that_are_not_drawn_are_black) {
  for (const int reduction : {1, 2}) {
    image reduced{.width = 1, .height = 1, .pixels = std::vector<std::uint8_t>(3000, 77)};
    reduced_canvas canvas(reduced, {20, 10}, reduction);
    canvas.finish();
    EXPECT_EQ(std::ranges::count(reduced.pixels, 0), 600 / (reduction * reduction));
  }
}

TEST(reduced_canvas_test, says_how_much_memory_it_takes) {
  EXPECT_EQ(reduced_canvas::memory_for({4000, 3000}, 1), 0U);
  EXPECT_EQ(reduced_canvas::memory_for({4001, 3000}, 2), 2001U * 1500 * 6);
}

}  // namespace
}  // namespace emostream::vision

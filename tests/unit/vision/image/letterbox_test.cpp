#include "vision/image/letterbox.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "vision/encode.hpp"

namespace emostream::vision {
namespace {

input_format square(int size) {
  constexpr float unit = 1 / 127.5F;
  return {.width = size,
          .height = size,
          .channels = channel_order::rgb,
          .layout = tensor_layout::nhwc,
          .scale = {unit, unit, unit},
          .offset = {-1, -1, -1}};
}

std::vector<float> letterboxed(const image& from, int size, placement* placed = nullptr) {
  std::vector<float> tensor(square(size).size(), 99);
  resize_scratch scratch;
  const placement where = fit(from, whole(from), fit_mode::letterbox, square(size), tensor, scratch);
  if (placed != nullptr) *placed = where;
  return tensor;
}

image flat(int width, int height, std::uint8_t value) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height) * 3, value)};
}

float at(const std::vector<float>& tensor, int size, int x, int y, int channel = 0) {
  return tensor[static_cast<std::size_t>((y * size + x) * 3 + channel)];
}

TEST(letterbox_test, wide_images_are_centred_vertically) {
  placement placed;
  const auto tensor = letterboxed(flat(640, 480, 255), 256, &placed);
  EXPECT_FLOAT_EQ(placed.scale.x, 2.5F);
  EXPECT_FLOAT_EQ(placed.offset.x, 0);
  EXPECT_FLOAT_EQ(placed.offset.y, 32);
  EXPECT_FLOAT_EQ(at(tensor, 256, 128, 31), -1);
  EXPECT_NEAR(at(tensor, 256, 128, 32), 1, 1e-4);
  EXPECT_NEAR(at(tensor, 256, 0, 223), 1, 1e-4);
  EXPECT_FLOAT_EQ(at(tensor, 256, 0, 224), -1);
}

TEST(letterbox_test, tall_images_are_centred_horizontally) {
  placement placed;
  const auto tensor = letterboxed(flat(480, 640, 255), 128, &placed);
  EXPECT_FLOAT_EQ(placed.scale.x, 5);
  EXPECT_FLOAT_EQ(placed.offset.x, 16);
  EXPECT_FLOAT_EQ(placed.offset.y, 0);
  EXPECT_FLOAT_EQ(at(tensor, 128, 15, 64), -1);
  EXPECT_NEAR(at(tensor, 128, 16, 64), 1, 1e-4);
}

TEST(letterbox_test, placement_converts_points_to_the_image) {
  placement placed;
  letterboxed(flat(640, 480, 0), 256, &placed);
  const point p = placed.to_image({128, 128});
  EXPECT_FLOAT_EQ(p.x, 320);
  EXPECT_FLOAT_EQ(p.y, 240);
}

TEST(letterbox_test, pixels_keep_their_position_at_every_scale) {
  for (const auto& [width, height] : {std::pair{64, 48}, {256, 256}, {301, 200}, {1920, 1080}, {33, 500}}) {
    const image from = testing::gradient(width, height);
    placement placed;
    const auto tensor = letterboxed(from, 256, &placed);
    for (int i = 1; i < 8; ++i) {
      const point want{static_cast<float>(width * i) / 8, static_cast<float>(height * i) / 8};
      const int x = static_cast<int>(want.x / placed.scale.x + placed.offset.x);
      const int y = static_cast<int>(want.y / placed.scale.y + placed.offset.y);
      const float step = placed.scale.x * 2 / static_cast<float>(std::min(width, height));
      EXPECT_NEAR(at(tensor, 256, x, y, 0), 2 * want.x / static_cast<float>(width) - 1, 0.02F + step);
      EXPECT_NEAR(at(tensor, 256, x, y, 1), 2 * want.y / static_cast<float>(height) - 1, 0.02F + step);
      EXPECT_NEAR(at(tensor, 256, x, y, 2), 64 / 127.5F - 1, 0.001F);
    }
  }
}

TEST(letterbox_test, shrinking_averages_pixels) {
  image stripes = flat(512, 512, 0);
  for (std::size_t i = 0; i < stripes.pixels.size(); ++i) stripes.pixels[i] = i / 3 % 2 == 0 ? 0 : 255;
  for (const float v : letterboxed(stripes, 256)) EXPECT_NEAR(v, 0, 1e-3);
}

TEST(letterbox_test, accepts_an_image_of_one_row) {
  const auto tensor = letterboxed(flat(2000, 1, 255), 128);
  EXPECT_NEAR(at(tensor, 128, 64, 63), 1, 1e-4);
}

TEST(letterbox_test, supports_gray_and_non_square_inputs) {
  const input_format wide{.width = 320, .height = 240};
  std::vector<float> tensor(wide.size());
  resize_scratch scratch;
  const image bright = flat(400, 400, 100);
  const placement placed = fit(bright, whole(bright), fit_mode::letterbox, wide, tensor, scratch);
  EXPECT_FLOAT_EQ(placed.offset.x, 40);
  EXPECT_FLOAT_EQ(placed.scale.x, 400 / 240.0F);
  EXPECT_NEAR(tensor[320 * 120 + 39], 0, 1e-4);
  EXPECT_NEAR(tensor[320 * 120 + 40], 100, 1e-3);
  EXPECT_NEAR(tensor[320 * 120 + 279], 100, 1e-3);
  EXPECT_NEAR(tensor[320 * 120 + 280], 0, 1e-4);
}

/// A part of an image, fitted into a square of 128 pixels.
struct fitted_part {
  fitted_part(const image& from, const region& part) {
    resize_scratch scratch;
    placed = fit(from, part, fit_mode::letterbox, square(128), tensor, scratch);
  }
  [[nodiscard]] float red(int x, int y) const { return at(tensor, 128, x, y); }
  /// Where a pixel of the input lies in the original image.
  [[nodiscard]] point origin(int x, int y) const {
    return placed.to_image({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
  }

  std::vector<float> tensor = std::vector<float>(square(128).size(), 99);
  placement placed;
};

void expect_point(const point& is, float x, float y) {
  EXPECT_NEAR(is.x, x, 1e-3);
  EXPECT_NEAR(is.y, y, 1e-3);
}

TEST(letterbox_part_test, a_part_inside_the_image_fills_the_input) {
  const fitted_part part(testing::gradient(640, 480), {.left = 300, .top = 100, .width = 256, .height = 128});
  EXPECT_FLOAT_EQ(part.placed.scale.x, 2);
  EXPECT_FLOAT_EQ(part.placed.scale.y, 2);
  expect_point(part.placed.to_image({0, 32}), 300, 100);
  expect_point(part.placed.to_image({128, 96}), 556, 228);
  EXPECT_FLOAT_EQ(part.red(64, 31), -1) << "the image goes on here, but the part does not";
  EXPECT_FLOAT_EQ(part.red(64, 96), -1);
  for (const int x : {0, 64, 127}) EXPECT_NEAR(part.red(x, 64), 2 * part.origin(x, 64).x / 640 - 1, 0.01F);
}

TEST(letterbox_part_test, a_small_part_is_enlarged) {
  const fitted_part part(testing::gradient(640, 480), {.left = 500, .top = 10, .width = 32, .height = 32});
  EXPECT_FLOAT_EQ(part.placed.scale.x, 0.25F);
  expect_point(part.placed.to_image({64, 64}), 516, 26);
  for (const int x : {8, 64, 120}) EXPECT_NEAR(part.red(x, 64), 2 * part.origin(x, 64).x / 640 - 1, 0.01F);
}

TEST(letterbox_part_test, the_border_around_an_image_is_black) {
  const fitted_part part(flat(200, 100, 255), {.left = -50, .top = -50, .width = 300, .height = 200});
  int bright = 0;
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 128; ++x) {
      const point p = part.origin(x, y);
      const bool inside = p.x > 0 && p.x < 200 && p.y > 0 && p.y < 100;
      ASSERT_NEAR(part.red(x, y), inside ? 1 : -1, 1e-4) << x << ' ' << y;
      if (inside) ++bright;
    }
  }
  EXPECT_NEAR(bright, 128.0 / 300 * 200 * 128 / 300 * 100, 128);
}

TEST(letterbox_part_test, a_part_may_extend_beyond_any_edge) {
  const image from = testing::gradient(200, 200);
  for (const auto& [left, top] :
       {std::pair{-60, 50}, {160, 50}, {50, -60}, {50, 160}, {-90, -90}, {199, 199}}) {
    const fitted_part part(from, {.left = left, .top = top, .width = 100, .height = 100});
    for (int y = 1; y < 127; y += 5) {
      for (int x = 1; x < 127; x += 5) {
        const point p = part.origin(x, y);
        // Beside an edge, an input pixel may be interpolated.
        if (std::min(std::abs(p.x), std::abs(p.x - 200)) < 1 ||
            std::min(std::abs(p.y), std::abs(p.y - 200)) < 1)
          continue;
        const bool inside = p.x > 0 && p.x < 200 && p.y > 0 && p.y < 200;
        ASSERT_NEAR(part.red(x, y), inside ? 2 * p.x / 200 - 1 : -1, 0.02F)
            << left << ' ' << top << ": " << x << ' ' << y;
      }
    }
  }
}

TEST(letterbox_part_test, coordinates_of_a_reduced_image_are_of_the_original_one) {
  image half = testing::gradient(320, 240);
  half.reduction = 2;
  const fitted_part part(half, {.left = -32, .top = 40, .width = 256, .height = 256});
  expect_point(part.placed.scale, 4, 4);
  expect_point(part.placed.to_image({0, 0}), -64, 80);
  expect_point(part.placed.to_image({128, 100}), 448, 480);
  const rect box = part.placed.box_to_image({16, 0, 10, 20});
  expect_point({box.x, box.y}, 0, 80);
  expect_point({box.width, box.height}, 40, 80);
  EXPECT_FLOAT_EQ(part.red(15, 50), -1);
  EXPECT_NEAR(part.red(64, 50), 2 * part.origin(64, 50).x / 640 - 1, 0.01F);
  EXPECT_FLOAT_EQ(part.red(64, 100), -1);
}

TEST(letterbox_test, stretch_fills_the_input) {
  const input_format planes{.width = 320, .height = 240, .channels = channel_order::bgr, .offset = {1, 2, 3}};
  std::vector<float> tensor(planes.size());
  const image from = testing::gradient(500, 1000);
  resize_scratch scratch;
  const placement placed = fit(from, whole(from), fit_mode::stretch, planes, tensor, scratch);
  EXPECT_FLOAT_EQ(placed.offset.x, 0);
  EXPECT_FLOAT_EQ(placed.to_image({320, 240}).x, 500);
  EXPECT_FLOAT_EQ(placed.to_image({320, 240}).y, 1000);
  const std::size_t plane = 320UL * 240;
  const std::size_t middle = 320UL * 120 + 160;
  EXPECT_NEAR(tensor[middle], 64 + 1, 0.1);               // blue is the first plane
  EXPECT_NEAR(tensor[plane + middle], 127.5 + 2, 2);      // green increases downwards
  EXPECT_NEAR(tensor[2 * plane + middle], 127.5 + 3, 2);  // red increases to the right
}

}  // namespace
}  // namespace emostream::vision

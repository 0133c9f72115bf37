#include "vision/image/letterbox.hpp"

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
  const placement where = fit(from, fit_mode::letterbox, square(size), tensor, scratch);
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
  const placement placed = fit(flat(400, 400, 100), fit_mode::letterbox, wide, tensor, scratch);
  EXPECT_FLOAT_EQ(placed.offset.x, 40);
  EXPECT_FLOAT_EQ(placed.scale.x, 400 / 240.0F);
  EXPECT_NEAR(tensor[320 * 120 + 39], 0, 1e-4);
  EXPECT_NEAR(tensor[320 * 120 + 40], 100, 1e-3);
  EXPECT_NEAR(tensor[320 * 120 + 279], 100, 1e-3);
  EXPECT_NEAR(tensor[320 * 120 + 280], 0, 1e-4);
}

TEST(letterbox_test, stretch_fills_the_input) {
  const input_format planes{.width = 320, .height = 240, .channels = channel_order::bgr, .offset = {1, 2, 3}};
  std::vector<float> tensor(planes.size());
  const image from = testing::gradient(500, 1000);
  resize_scratch scratch;
  const placement placed = fit(from, fit_mode::stretch, planes, tensor, scratch);
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

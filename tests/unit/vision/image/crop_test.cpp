#include "vision/image/crop.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr int size = 48;

image painted(int width, int height, const std::function<float(float x, float y)>& luma) {
  image i{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float v = luma(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
      i.pixels.insert(i.pixels.end(), 3, static_cast<std::uint8_t>(std::lround(v)));
    }
  }
  return i;
}

std::vector<float> gray_crop(const image& from, const similarity_transform& s) {
  std::vector<float> crop(size * size);
  extract_gray_crop(from, s, size, crop);
  return crop;
}

TEST(gray_crop_test, the_identity_copies_pixels) {
  const image from = painted(size, size, [](float x, float y) { return x * 3 + y; });
  const auto crop = gray_crop(from, similarity_transform{});
  for (std::size_t i = 0; i < crop.size(); ++i) EXPECT_NEAR(crop[i], from.pixels[i * 3], 0.01F);
}

TEST(gray_crop_test, colours_become_luma) {
  image from{64, 64, std::vector<std::uint8_t>(64 * 64 * 3)};
  for (std::size_t i = 0; i < from.pixels.size(); i += 3) {
    from.pixels[i] = 200;
    from.pixels[i + 1] = 100;
    from.pixels[i + 2] = 50;
  }
  EXPECT_NEAR(gray_crop(from, similarity_transform{})[0], 0.299F * 200 + 0.587F * 100 + 0.114F * 50, 0.5F);
}

/// A linear ramp must stay a linear ramp for any scale, rotation and shift.
TEST(gray_crop_test, linear_ramps_are_preserved_at_every_scale) {
  const image from = painted(800, 600, [](float x, float y) { return x / 5 + y / 7; });
  for (const float scale : {0.4F, 1.0F, 1.7F, 3.0F, 4.9F, 7.3F}) {
    const similarity_transform s{scale * std::cos(0.4F), scale * std::sin(0.4F), 240, 60};
    const auto crop = gray_crop(from, s);
    for (int y = 0; y < size; y += 5) {
      for (int x = 0; x < size; x += 5) {
        const point p = s({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
        EXPECT_NEAR(crop[static_cast<std::size_t>(y * size + x)], p.x / 5 + p.y / 7, 0.6F) << scale;
      }
    }
  }
}

TEST(gray_crop_test, fine_stripes_are_not_aliased) {
  const image from =
      painted(900, 900, [](float x, float) { return static_cast<int>(x) % 2 == 0 ? 0.0F : 200.0F; });
  for (const float scale : {4.0F, 9.3F, 17.0F}) {
    for (const float v : gray_crop(from, similarity_transform{scale, 0, 10, 10}))
      EXPECT_NEAR(v, 100, 15) << scale;
  }
}

TEST(gray_crop_test, edge_pixels_are_repeated_outside_the_image) {
  const image from = painted(64, 64, [](float x, float) { return x < 32 ? 40.0F : 160.0F; });
  const auto crop = gray_crop(from, similarity_transform{1, 0, 40, -20});
  EXPECT_NEAR(crop.front(), 160, 0.01F);
  EXPECT_NEAR(crop.back(), 160, 0.01F);
}

TEST(gray_crop_test, accepts_transforms_outside_the_image_and_degenerate_ones) {
  const image from = painted(64, 40, [](float, float) { return 77.0F; });
  for (const similarity_transform& s :
       {similarity_transform{1, 0, 5000, -5000}, similarity_transform{0, 0, 10, 10},
        similarity_transform{900, 300, 0, 0}, similarity_transform{2, 0, -1e30F, 1e30F}}) {
    for (const float v : gray_crop(from, s)) EXPECT_NEAR(v, 77, 0.01F);
  }
}

/// All channel orders and layouts have the same pixels, and their luma equals the gray crop.
TEST(crop_test, all_formats_have_the_same_pixels) {
  image from{200, 160, {}};
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x)
      from.pixels.insert(from.pixels.end(), {static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y + 50),
                                             static_cast<std::uint8_t>(250 - x)});
  }
  const similarity_transform s{2.6F * std::cos(0.3F), 2.6F * std::sin(0.3F), 70, 10};
  const auto gray = gray_crop(from, s);
  constexpr std::size_t pixels = std::size_t{size} * size;
  for (const auto channels : {channel_order::rgb, channel_order::bgr}) {
    for (const auto layout : {tensor_layout::nchw, tensor_layout::nhwc}) {
      const input_format format{.width = size,
                                .height = size,
                                .channels = channels,
                                .layout = layout,
                                .scale = {1, 2, 3},
                                .offset = {-1, -2, -3}};
      std::vector<float> tensor(format.size());
      extract_crop(from, s, format, tensor);
      const auto value = [&](std::size_t pixel, std::size_t index) {
        const float v = tensor[layout == tensor_layout::nchw ? index * pixels + pixel : pixel * 3 + index];
        return (v - format.offset[index]) / format.scale[index];
      };
      for (std::size_t p = 0; p < pixels; p += 97) {
        const float red = value(p, channels == channel_order::rgb ? 0 : 2);
        const float blue = value(p, channels == channel_order::rgb ? 2 : 0);
        EXPECT_NEAR(red + blue, 250, 0.01);
        EXPECT_NEAR((77 * red + 150 * value(p, 1) + 29 * blue) / 256, gray[p], 0.01);
      }
    }
  }
}

}  // namespace
}  // namespace emostream::vision

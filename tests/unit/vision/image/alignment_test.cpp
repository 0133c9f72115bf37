#include "vision/image/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr framing eyes{{0.25F, 0.375F}, {0.75F, 0.375F}};
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

std::vector<float> cut(const image& from, const similarity& s) {
  std::vector<float> crop(size * size);
  cut_gray(from, s, size, crop);
  return crop;
}

TEST(Alignment, EyesLandWhereTheyAreFramed) {
  for (const auto& [l, r] :
       {std::pair<point, point>{{100, 100}, {140, 100}}, {{100, 100}, {120, 160}}, {{90, 50}, {20, 10}}}) {
    const similarity s = align_eyes(eyes, size, l, r);
    const point left = s({12, 18});
    const point right = s({36, 18});
    EXPECT_NEAR(left.x, l.x, 1e-3);
    EXPECT_NEAR(left.y, l.y, 1e-3);
    EXPECT_NEAR(right.x, r.x, 1e-3);
    EXPECT_NEAR(right.y, r.y, 1e-3);
    EXPECT_NEAR(s.scale(), std::hypot(r.x - l.x, r.y - l.y) / 24, 1e-3);
  }
}

TEST(Alignment, ChinStaysBelowTheEyesOfALeaningHead) {
  const similarity s = align_eyes(eyes, size, {100, 100}, {100, 140});  // leans 90° clockwise
  const point chin = s({24, 45});
  EXPECT_LT(chin.x, 100);
  EXPECT_NEAR(chin.y, 120, 1e-3);
}

TEST(Alignment, EyesOfAHeadTurnedAsideDoNotEnlargeIt) {
  const similarity s = align_eyes(eyes, size, {110, 100}, {130, 100}, 48);
  EXPECT_NEAR(s.scale(), 2, 1e-3);
  EXPECT_NEAR(s({24, 18}).x, 120, 1e-3);
  EXPECT_NEAR(s({24, 18}).y, 100, 1e-3);
  EXPECT_NEAR(align_eyes(eyes, size, {100, 100}, {100, 100}, 24).scale(), 1, 1e-3);
}

TEST(CutGray, IdentityCopies) {
  const image from = painted(size, size, [](float x, float y) { return x * 3 + y; });
  const auto crop = cut(from, similarity{});
  for (std::size_t i = 0; i < crop.size(); ++i) EXPECT_NEAR(crop[i], from.pixels[i * 3], 0.01F);
}

TEST(CutGray, ColoursWeighAsLuma) {
  image from{64, 64, std::vector<std::uint8_t>(64 * 64 * 3)};
  for (std::size_t i = 0; i < from.pixels.size(); i += 3) {
    from.pixels[i] = 200;
    from.pixels[i + 1] = 100;
    from.pixels[i + 2] = 50;
  }
  EXPECT_NEAR(cut(from, similarity{})[0], 0.299F * 200 + 0.587F * 100 + 0.114F * 50, 0.5F);
}

/// A linear ramp must come out as a ramp, whatever the scale, turn and shift.
TEST(CutGray, RampsStayRampsAtEveryScale) {
  const image from = painted(800, 600, [](float x, float y) { return x / 5 + y / 7; });
  for (const float scale : {0.4F, 1.0F, 1.7F, 3.0F, 4.9F, 7.3F}) {
    const similarity s{scale * std::cos(0.4F), scale * std::sin(0.4F), 240, 60};
    const auto crop = cut(from, s);
    for (int y = 0; y < size; y += 5) {
      for (int x = 0; x < size; x += 5) {
        const point p = s({static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
        EXPECT_NEAR(crop[static_cast<std::size_t>(y * size + x)], p.x / 5 + p.y / 7, 0.6F) << scale;
      }
    }
  }
}

TEST(CutGray, FineStripesBecomeGrayNotMoire) {
  const image from =
      painted(900, 900, [](float x, float) { return static_cast<int>(x) % 2 == 0 ? 0.0F : 200.0F; });
  for (const float scale : {4.0F, 9.3F, 17.0F}) {
    for (const float v : cut(from, similarity{scale, 0, 10, 10})) EXPECT_NEAR(v, 100, 15) << scale;
  }
}

TEST(CutGray, BeyondTheEdgeTheBorderGoesOn) {
  const image from = painted(64, 64, [](float x, float) { return x < 32 ? 40.0F : 160.0F; });
  const auto crop = cut(from, similarity{1, 0, 40, -20});
  EXPECT_NEAR(crop.front(), 160, 0.01F);
  EXPECT_NEAR(crop.back(), 160, 0.01F);
}

TEST(CutGray, FacesWhollyOutsideAndDegenerateOnesAreHarmless) {
  const image from = painted(64, 40, [](float, float) { return 77.0F; });
  for (const similarity& s : {similarity{1, 0, 5000, -5000}, similarity{0, 0, 10, 10},
                              similarity{900, 300, 0, 0}, similarity{2, 0, -1e30F, 1e30F}}) {
    for (const float v : cut(from, s)) EXPECT_NEAR(v, 77, 0.01F);
  }
}

TEST(FrameBox, IsTheSquareAboutTheMiddleWithItsMargin) {
  const similarity s = frame_box({100, 50, 40, 80}, 0.25F, 60);  // 80 and a quarter of it on either side
  EXPECT_FLOAT_EQ(s.scale(), 2);
  EXPECT_FLOAT_EQ(s({30, 30}).x, 120);
  EXPECT_FLOAT_EQ(s({30, 30}).y, 90);
  EXPECT_FLOAT_EQ(s({0, 0}).x, 60);
  EXPECT_FLOAT_EQ(s({60, 60}).y, 150);
}

/// Every order of colours and dimensions is the same picture, and its luma is the gray one.
TEST(Cut, EveryFormatShowsTheSameFace) {
  image from{200, 160, {}};
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x)
      from.pixels.insert(from.pixels.end(), {static_cast<std::uint8_t>(x), static_cast<std::uint8_t>(y + 50),
                                             static_cast<std::uint8_t>(250 - x)});
  }
  const similarity s{2.6F * std::cos(0.3F), 2.6F * std::sin(0.3F), 70, 10};
  const auto gray = cut(from, s);
  constexpr std::size_t pixels = std::size_t{size} * size;
  for (const auto channels : {colours::rgb, colours::bgr}) {
    for (const auto layout : {axes::nchw, axes::nhwc}) {
      const input_format format{.width = size,
                                .height = size,
                                .channels = channels,
                                .layout = layout,
                                .scale = {1, 2, 3},
                                .offset = {-1, -2, -3}};
      std::vector<float> tensor(format.size());
      cut(from, s, format, tensor);
      const auto value = [&](std::size_t pixel, std::size_t place) {
        const float v = tensor[layout == axes::nchw ? place * pixels + pixel : pixel * 3 + place];
        return (v - format.offset[place]) / format.scale[place];
      };
      for (std::size_t p = 0; p < pixels; p += 97) {
        const float red = value(p, channels == colours::rgb ? 0 : 2);
        const float blue = value(p, channels == colours::rgb ? 2 : 0);
        EXPECT_NEAR(red + blue, 250, 0.01);
        EXPECT_NEAR((77 * red + 150 * value(p, 1) + 29 * blue) / 256, gray[p], 0.01);
      }
    }
  }
}

}  // namespace
}  // namespace emostream::vision

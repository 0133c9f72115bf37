#include "vision/expression/face_quality.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include <gmock/gmock.h>

#include "vision/expression/quality_limits.hpp"

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int size = 48;
constexpr rect large{0, 0, 200, 220};

std::vector<float> crop(const std::function<float(int x, int y)>& luma) {
  std::vector<float> pixels;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) pixels.push_back(luma(x, y));
  }
  return pixels;
}

TEST(face_quality_test, a_sharp_bright_and_large_face_has_no_flags) {
  const auto quality =
      assess_quality(large, {}, crop([](int x, int) { return x / 4 % 2 == 0 ? 60.0F : 180.0F; }), size);
  EXPECT_THAT(quality.flags, IsEmpty());
  EXPECT_NEAR(quality.brightness, 120.0F / 255, 1e-3);
  EXPECT_FLOAT_EQ(quality.size_px, 200);
  EXPECT_GT(quality.blur, 1000);
}

TEST(face_quality_test, blur_is_the_variance_of_the_laplacian) {
  // For a single pixel of value h, the Laplacian is -4h once and h four times in the inner 46×46 pixels, and
  // its mean is 0.
  const auto quality =
      assess_quality(large, {}, crop([](int x, int y) { return x == 20 && y == 20 ? 100.0F : 0.0F; }), size);
  EXPECT_NEAR(quality.blur, 20 * 100.0F * 100 / (46 * 46), 0.01F);
}

TEST(face_quality_test, every_flag_is_reported) {
  namespace limits = quality_limits;
  const auto dark = crop([](int, int) { return 0.0F; });
  const float side = limits::small_px - 1;
  face_quality quality = assess_quality({0, 0, side, side + 9}, -limits::side_view_over - 1, dark, size);
  flag_cover(quality, {.mouth = 1, .eyes = 1});
  EXPECT_THAT(quality.flags, ElementsAre("too_small", "blurred", "dark", "covered", "side_view"));
}

TEST(face_quality_test, a_size_and_yaw_at_their_thresholds_have_no_flags) {
  namespace limits = quality_limits;
  const float side = limits::small_px;
  const auto sharp = crop([](int x, int) { return x / 4 % 2 == 0 ? 60.0F : 180.0F; });
  EXPECT_THAT(assess_quality({0, 0, side, side}, limits::side_view_over, sharp, size).flags, IsEmpty());
}

TEST(face_quality_test, a_face_is_covered_if_its_mouth_or_its_eyes_are_hidden) {
  const auto flags = [](const hidden_parts& hidden) {
    face_quality quality = assess_quality(large, {}, {}, size);
    flag_cover(quality, hidden);
    return quality.flags;
  };
  EXPECT_THAT(flags({.mouth = covered_over, .eyes = covered_over}), IsEmpty());
  EXPECT_THAT(flags({.mouth = covered_over + 0.01F, .eyes = 0}), ElementsAre("covered"));
  EXPECT_THAT(flags({.mouth = 0, .eyes = covered_over + 0.01F}), ElementsAre("covered"));
}

/// The contrast of stripes determines the blur, and their level the brightness.
TEST(face_quality_test, blur_and_brightness_are_independent) {
  namespace limits = quality_limits;
  const auto striped = [](float level, float half_contrast) {
    return crop([=](int x, int) { return x % 2 == 0 ? level - half_contrast : level + half_contrast; });
  };
  // Both horizontal neighbours of a pixel are in other stripes, so its Laplacian is ±4 · half_contrast.
  const float sharp = std::sqrt(limits::blurred_below) / 4;
  EXPECT_THAT(assess_quality(large, {}, striped(128, sharp * 1.01F), size).flags, IsEmpty());
  EXPECT_THAT(assess_quality(large, {}, striped(128, sharp * 0.99F), size).flags, ElementsAre("blurred"));
  const float dim = limits::dark_below * 255;
  EXPECT_THAT(assess_quality(large, {}, striped(dim * 1.01F, 2 * sharp), size).flags, IsEmpty());
  EXPECT_THAT(assess_quality(large, {}, striped(dim * 0.99F, 2 * sharp), size).flags, ElementsAre("dark"));
}

TEST(face_quality_test, the_quality_of_an_earlier_crop_does_not_change_size_and_yaw) {
  namespace limits = quality_limits;
  const auto last = assess_quality(large, 0, crop([](int, int) { return 1.0F; }), size);
  const float side = limits::small_px - 1;
  face_quality quality = assess_quality({0, 0, side, side}, limits::side_view_over + 1, {}, size);
  recall_crop_quality(last, quality);
  EXPECT_THAT(quality.flags, ElementsAre("too_small", "blurred", "dark", "side_view"));
  EXPECT_FLOAT_EQ(quality.size_px, side);
  EXPECT_FLOAT_EQ(quality.brightness, last.brightness);
}

TEST(face_quality_test, without_a_crop_blur_and_brightness_are_not_assessed) {
  const auto quality = assess_quality({0, 0, 300, 5}, {}, {}, size);
  EXPECT_FLOAT_EQ(quality.size_px, 5);
  EXPECT_FLOAT_EQ(quality.blur, 0);
  EXPECT_THAT(quality.flags, ElementsAre("too_small"));
}

}  // namespace
}  // namespace emostream::vision

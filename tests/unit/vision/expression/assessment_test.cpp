#include "vision/expression/assessment.hpp"

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include <gmock/gmock.h>

#include "vision/expression/quality_limits.hpp"

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr float radians = std::numbers::pi_v<float> / 180;

/// The keypoints of an average head, in cm around the middle of the ears' axis, seen from afar after it was
/// turned: first up or down, then aside, then leaned.
keypoints head(float yaw, float pitch, float roll) {
  struct point3 {
    float x, y, z;  // to the right, down, towards the camera
  };
  constexpr point3 model[] = {{-3.2F, -2, 9}, {3.2F, -2, 9}, {0, 1.63F, 12},
                              {0, 4.6F, 9},   {-7, 0, 0},    {7, 0, 0}};
  keypoints seen;
  for (std::size_t i = 0; i < keypoint_count; ++i) {
    point3 p = model[i];
    const float cp = std::cos(pitch * radians), sp = std::sin(pitch * radians);
    p = {p.x, cp * p.y - sp * p.z, sp * p.y + cp * p.z};
    const float cy = std::cos(yaw * radians), sy = std::sin(yaw * radians);
    p = {cy * p.x + sy * p.z, p.y, cy * p.z - sy * p.x};
    const float cr = std::cos(roll * radians), sr = std::sin(roll * radians);
    seen[i] = {300 + 10 * (cr * p.x - sr * p.y), 200 + 10 * (sr * p.x + cr * p.y)};
  }
  return seen;
}

TEST(Pose, StraightOn) {
  const auto pose = estimate_pose(head(0, 0, 0));
  EXPECT_NEAR(pose.yaw, 0, 0.5F);
  EXPECT_NEAR(pose.pitch, 0, 0.5F);
  EXPECT_NEAR(pose.roll, 0, 0.5F);
}

TEST(Pose, EachTurnByItself) {
  for (const float angle : {-40.0F, -20.0F, 20.0F, 40.0F}) {
    EXPECT_NEAR(estimate_pose(head(angle, 0, 0)).yaw, angle, 3) << angle;
    EXPECT_NEAR(estimate_pose(head(0, angle / 2, 0)).pitch, angle / 2, 3) << angle;
    EXPECT_NEAR(estimate_pose(head(0, 0, angle)).roll, angle, 1) << angle;
  }
}

TEST(Pose, TurnsTogether) {
  const auto pose = estimate_pose(head(-25, 10, 30));
  EXPECT_NEAR(pose.yaw, -25, 6);
  EXPECT_NEAR(pose.pitch, 10, 8);
  EXPECT_NEAR(pose.roll, 30, 6);
}

TEST(Pose, DegenerateKeypointsGiveNumbers) {
  const auto pose = estimate_pose(keypoints{});
  EXPECT_TRUE(std::isfinite(pose.yaw));
  EXPECT_TRUE(std::isfinite(pose.pitch));
  EXPECT_TRUE(std::isfinite(pose.roll));
}

constexpr int size = 48;
constexpr rect large{0, 0, 200, 220};

std::vector<float> crop(const std::function<float(int x, int y)>& luma) {
  std::vector<float> pixels;
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) pixels.push_back(luma(x, y));
  }
  return pixels;
}

TEST(Quality, SharpBrightAndLargeHasNoFlags) {
  const auto quality =
      assess_quality(large, {}, crop([](int x, int) { return x / 4 % 2 == 0 ? 60.0F : 180.0F; }), size);
  EXPECT_THAT(quality.flags, IsEmpty());
  EXPECT_NEAR(quality.brightness, 120.0F / 255, 1e-3);
  EXPECT_FLOAT_EQ(quality.size_px, 200);
  EXPECT_GT(quality.blur, 1000);
}

TEST(Quality, LaplacianOfOneBrightPixel) {
  // -4h once, h four times, over the inner 46 × 46: the mean is 0.
  const auto quality =
      assess_quality(large, {}, crop([](int x, int y) { return x == 20 && y == 20 ? 100.0F : 0.0F; }), size);
  EXPECT_NEAR(quality.blur, 20 * 100.0F * 100 / (46 * 46), 0.01F);
}

TEST(Quality, FlagsSayWhatIsWrong) {
  namespace limits = quality_limits;
  const auto dark = crop([](int, int) { return 0.0F; });
  const float side = limits::small_px - 1;
  EXPECT_THAT(assess_quality({0, 0, side, side + 9}, {-limits::side_view_over - 1, 0, 0}, dark, size).flags,
              ElementsAre("too_small", "blurred", "dark", "side_view"));
}

TEST(Quality, AtTheLimitsNothingIsFlaggedYet) {
  namespace limits = quality_limits;
  const float side = limits::small_px;
  const auto fine = crop([](int x, int) { return x / 4 % 2 == 0 ? 60.0F : 180.0F; });
  EXPECT_THAT(assess_quality({0, 0, side, side}, {limits::side_view_over, 0, 0}, fine, size).flags,
              IsEmpty());
}

/// One stripe's contrast makes all of the variance, its level all of the brightness.
TEST(Quality, EachFlagHasItsOwnMeasure) {
  namespace limits = quality_limits;
  const auto striped = [](float level, float half_contrast) {
    return crop([=](int x, int) { return x % 2 == 0 ? level - half_contrast : level + half_contrast; });
  };
  // Every pixel's neighbours to the sides are the other kind: its Laplacian is ±4 half contrasts.
  const float sharp = std::sqrt(limits::blurred_below) / 4;
  EXPECT_THAT(assess_quality(large, {}, striped(128, sharp * 1.01F), size).flags, IsEmpty());
  EXPECT_THAT(assess_quality(large, {}, striped(128, sharp * 0.99F), size).flags, ElementsAre("blurred"));
  const float dim = limits::dark_below * 255;
  EXPECT_THAT(assess_quality(large, {}, striped(dim * 1.01F, 2 * sharp), size).flags, IsEmpty());
  EXPECT_THAT(assess_quality(large, {}, striped(dim * 0.99F, 2 * sharp), size).flags, ElementsAre("dark"));
}

TEST(Quality, WithoutACropOnlyWhatTheBoxTells) {
  const auto quality = assess_quality({0, 0, 300, 5}, {}, {}, size);
  EXPECT_FLOAT_EQ(quality.size_px, 5);
  EXPECT_FLOAT_EQ(quality.blur, 0);
  EXPECT_THAT(quality.flags, ElementsAre("too_small"));
}

}  // namespace
}  // namespace emostream::vision

#include "vision/expression/head_pose.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr float radians = std::numbers::pi_v<float> / 180;

/// The keypoints of an average head, rotated by pitch, yaw and roll, in this order, around the middle of the
/// axis between the ears, in orthographic projection.
keypoints head(float yaw, float pitch, float roll) {
  struct point3 {
    float x, y, z;  // cm: to the right, down, towards the camera
  };
  constexpr point3 model[] = {{-3.2F, -2, 9}, {3.2F, -2, 9}, {0, 1.63F, 12},
                              {0, 4.6F, 9},   {-7, 0, 0},    {7, 0, 0}};
  keypoints projected;
  for (std::size_t i = 0; i < keypoint_count; ++i) {
    point3 p = model[i];
    const float cp = std::cos(pitch * radians), sp = std::sin(pitch * radians);
    p = {p.x, cp * p.y - sp * p.z, sp * p.y + cp * p.z};
    const float cy = std::cos(yaw * radians), sy = std::sin(yaw * radians);
    p = {cy * p.x + sy * p.z, p.y, cy * p.z - sy * p.x};
    const float cr = std::cos(roll * radians), sr = std::sin(roll * radians);
    projected[i] = {300 + 10 * (cr * p.x - sr * p.y), 200 + 10 * (sr * p.x + cr * p.y)};
  }
  return projected;
}

TEST(head_pose_test, a_frontal_head_has_no_rotation) {
  const auto pose = estimate_pose(head(0, 0, 0));
  EXPECT_NEAR(pose.yaw, 0, 0.5F);
  EXPECT_NEAR(pose.pitch, 0, 0.5F);
  EXPECT_NEAR(pose.roll, 0, 0.5F);
}

TEST(head_pose_test, each_rotation_is_estimated) {
  for (const float angle : {-40.0F, -20.0F, 20.0F, 40.0F}) {
    EXPECT_NEAR(estimate_pose(head(angle, 0, 0)).yaw, angle, 3) << angle;
    EXPECT_NEAR(estimate_pose(head(0, angle / 2, 0)).pitch, angle / 2, 3) << angle;
    EXPECT_NEAR(estimate_pose(head(0, 0, angle)).roll, angle, 1) << angle;
  }
}

TEST(head_pose_test, combined_rotations_are_estimated) {
  const auto pose = estimate_pose(head(-25, 10, 30));
  EXPECT_NEAR(pose.yaw, -25, 6);
  EXPECT_NEAR(pose.pitch, 10, 8);
  EXPECT_NEAR(pose.roll, 30, 6);
}

TEST(head_pose_test, degenerate_keypoints_give_finite_angles) {
  const auto pose = estimate_pose(keypoints{});
  EXPECT_TRUE(std::isfinite(pose.yaw));
  EXPECT_TRUE(std::isfinite(pose.pitch));
  EXPECT_TRUE(std::isfinite(pose.roll));
}

}  // namespace
}  // namespace emostream::vision

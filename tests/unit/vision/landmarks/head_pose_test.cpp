#include "vision/landmarks/head_pose.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr float pi = std::numbers::pi_v<float>;

/// The points of a head with a nose 12 cm in front of ears 14 cm apart, turned by `yaw` and tilted by `roll`
/// degrees, at 10 pixels per cm.
keypoints head(float yaw, float roll = 0) {
  const auto seen = [=](float x, float y, float z) {
    const float turn = yaw * pi / 180;
    const float tilt = roll * pi / 180;
    const float across = 10 * (x * std::cos(turn) + z * std::sin(turn));
    const float down = 10 * y;
    return point{300 + across * std::cos(tilt) - down * std::sin(tilt),
                 200 + across * std::sin(tilt) + down * std::cos(tilt)};
  };
  keypoints points{};
  points[left_eye] = seen(-3, -3, 9);
  points[right_eye] = seen(3, -3, 9);
  points[nose] = seen(0, 0, 12);
  points[mouth] = seen(0, 4, 10);
  points[left_ear] = seen(-7, -1, 0);
  points[right_ear] = seen(7, -1, 0);
  return points;
}

TEST(head_pose_test, the_yaw_follows_from_nose_and_ears) {
  for (const float yaw : {0.0F, 20.0F, -45.0F, 70.0F}) EXPECT_NEAR(estimate_yaw(head(yaw)), yaw, 0.1F);
}

TEST(head_pose_test, the_yaw_of_a_tilted_head_is_the_same) {
  for (const float roll : {30.0F, -90.0F, 180.0F})
    EXPECT_NEAR(estimate_yaw(head(50, roll)), 50, 0.1F) << roll;
}

}  // namespace
}  // namespace emostream::vision

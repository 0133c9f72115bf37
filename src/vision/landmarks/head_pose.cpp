#include "vision/landmarks/head_pose.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace emostream::vision {

float estimate_yaw(const keypoints& landmarks) {
  const point& l = landmarks[left_eye];
  const point& r = landmarks[right_eye];
  const float roll = std::atan2(r.y - l.y, r.x - l.x);
  // The position along the line between the eyes.
  const auto along = [&, c = std::cos(roll), s = std::sin(roll)](keypoint k) {
    return c * landmarks[k].x + s * landmarks[k].y;
  };
  // The tragi are about 14 cm apart, and the tip of the nose is about 12 cm in front of the axis between
  // them. At a given yaw, the tip appears 12·sin(yaw) beside the middle of the ears, which appear 14·cos(yaw)
  // apart.
  const float span = along(right_ear) - along(left_ear);
  const float beside = along(nose) - (along(left_ear) + along(right_ear)) / 2;
  constexpr float degrees = 180 / std::numbers::pi_v<float>;
  return std::atan2(beside * 14.0F / 12.0F, std::max(span, 0.0F)) * degrees;
}

}  // namespace emostream::vision

#include "vision/expression/head_pose.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace emostream::vision {

head_pose estimate_pose(const keypoints& landmarks) {
  constexpr float degrees = 180 / std::numbers::pi_v<float>;
  const point& l = landmarks[left_eye];
  const point& r = landmarks[right_eye];
  head_pose pose;
  const float roll = std::atan2(r.y - l.y, r.x - l.x);
  pose.roll = roll * degrees;

  // All other measurements are taken after rotating the eyes to a horizontal line.
  const auto upright = [c = std::cos(roll), s = std::sin(roll)](const point& p) {
    return point{c * p.x + s * p.y, c * p.y - s * p.x};
  };
  const auto middle = [&](keypoint a, keypoint b) {
    const point p = upright(landmarks[a]);
    const point q = upright(landmarks[b]);
    return point{(p.x + q.x) / 2, (p.y + q.y) / 2};
  };
  const point eyes = middle(left_eye, right_eye);
  const point ears = middle(left_ear, right_ear);
  const point tip = upright(landmarks[nose]);
  const point lips = upright(landmarks[mouth]);

  // The tragi are about 14 cm apart, and the tip of the nose is about 12 cm in front of the axis between
  // them. At a given yaw, the tip appears 12·sin(yaw) beside the middle of the ears, which appear 14·cos(yaw)
  // apart.
  const float ear_span = upright(landmarks[right_ear]).x - upright(landmarks[left_ear]).x;
  pose.yaw = std::atan2((tip.x - ears.x) * 14.0F / 12.0F, std::max(ear_span, 0.0F)) * degrees;

  // The tip of the nose is in front of the plane of eyes and mouth, and moves up between them as the face
  // looks up. Positions are relative to the distance from the eyes (0) to the mouth (1).
  constexpr float level = 0.55F;  // position of the tip when the face looks straight ahead
  constexpr float depth = 0.45F;  // distance of the tip from the plane
  const float height = lips.y - eyes.y;
  if (height > 0) pose.pitch = std::atan((level - (tip.y - eyes.y) / height) / depth) * degrees;
  return pose;
}

}  // namespace emostream::vision

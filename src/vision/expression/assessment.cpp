#include "vision/expression/assessment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "vision/expression/quality_limits.hpp"

namespace emostream::vision {

namespace {

constexpr float degrees = 180 / std::numbers::pi_v<float>;

}  // namespace

head_pose estimate_pose(const keypoints& landmarks) {
  const point& l = landmarks[left_eye];
  const point& r = landmarks[right_eye];
  head_pose pose;
  const float roll = std::atan2(r.y - l.y, r.x - l.x);
  pose.roll = roll * degrees;

  // Everything else is read with the eyes level.
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

  // The tragi are some 14 cm apart, and the tip of the nose is some 12 cm in front of their axis: turned by
  // the yaw, the tip is 12·sin from the middle of ears that appear 14·cos apart.
  const float ear_span = upright(landmarks[right_ear]).x - upright(landmarks[left_ear]).x;
  pose.yaw = std::atan2((tip.x - ears.x) * 14.0F / 12.0F, std::max(ear_span, 0.0F)) * degrees;

  // The tip of the nose is some way before the plane of eyes and mouth, and rises between them as the face
  // looks up.
  constexpr float level =
      0.55F;  // where between eyes (0) and mouth (1) it is when the face looks straight on
  constexpr float depth = 0.45F;  // how far before the plane it is, in distances from the eyes to the mouth
  const float height = lips.y - eyes.y;
  if (height > 0) pose.pitch = std::atan((level - (tip.y - eyes.y) / height) / depth) * degrees;
  return pose;
}

face_quality assess_quality(const rect& box, const head_pose& pose, std::span<const float> crop, int size) {
  face_quality quality;
  quality.size_px = std::min(box.width, box.height);
  if (quality.size_px < quality_limits::small_px) quality.flags.push_back("too_small");
  if (!crop.empty()) {
    double sum = 0;
    for (const float v : crop) sum += v;
    quality.brightness = static_cast<float>(sum / static_cast<double>(crop.size()) / 255);

    double mean = 0;
    double square = 0;
    for (int y = 1; y < size - 1; ++y) {
      const float* row = crop.data() + static_cast<std::ptrdiff_t>(y) * size;
      for (int x = 1; x < size - 1; ++x) {
        const float laplacian = row[x - 1] + row[x + 1] + row[x - size] + row[x + size] - 4 * row[x];
        mean += laplacian;
        square += laplacian * laplacian;
      }
    }
    const double count = static_cast<double>(size - 2) * (size - 2);
    quality.blur = static_cast<float>(square / count - (mean / count) * (mean / count));

    if (quality.blur < quality_limits::blurred_below) quality.flags.push_back("blurred");
    if (quality.brightness < quality_limits::dark_below) quality.flags.push_back("dark");
  }
  if (std::abs(pose.yaw) > quality_limits::side_view_over) quality.flags.push_back("side_view");
  return quality;
}

}  // namespace emostream::vision

#include "vision/image/alignment.hpp"

#include <algorithm>
#include <cmath>

namespace emostream::vision {

point similarity_transform::apply_inverse(point p) const {
  const float norm = a * a + b * b;
  const point q{p.x - x0, p.y - y0};
  return {(a * q.x + b * q.y) / norm, (a * q.y - b * q.x) / norm};
}

float similarity_transform::scale() const {
  return std::hypot(a, b);
}

similarity_transform similarity_transform::reduced(int factor) const {
  const float ratio = 1.0F / static_cast<float>(factor);
  return {a * ratio, b * ratio, x0 * ratio, y0 * ratio};
}

similarity_transform similarity_transform::enlarged(int factor) const {
  const auto ratio = static_cast<float>(factor);
  return {a * ratio, b * ratio, x0 * ratio, y0 * ratio};
}

similarity_transform align_eyes(const eye_layout& layout, int size, point left_eye, point right_eye,
                                float min_distance) {
  const auto side = static_cast<float>(size);
  const point target{(layout.right_eye.x - layout.left_eye.x) * side,
                     (layout.right_eye.y - layout.left_eye.y) * side};
  const point middle{(layout.left_eye.x + layout.right_eye.x) / 2 * side,
                     (layout.left_eye.y + layout.right_eye.y) / 2 * side};
  point eyes{right_eye.x - left_eye.x, right_eye.y - left_eye.y};
  const float distance = std::hypot(eyes.x, eyes.y);
  if (distance < min_distance) {
    // If both eyes are at the same point, the roll is unknown: assume an upright head.
    eyes = distance > 0 ? point{eyes.x / distance * min_distance, eyes.y / distance * min_distance}
                        : point{min_distance, 0};
  }
  const float norm = target.x * target.x + target.y * target.y;
  similarity_transform t;
  t.a = (eyes.x * target.x + eyes.y * target.y) / norm;  // the complex quotient eyes / target
  t.b = (eyes.y * target.x - eyes.x * target.y) / norm;
  t.x0 = (left_eye.x + right_eye.x) / 2 - (t.a * middle.x - t.b * middle.y);
  t.y0 = (left_eye.y + right_eye.y) / 2 - (t.b * middle.x + t.a * middle.y);
  return t;
}

similarity_transform align_box(const rect& box, float margin, int size) {
  const float side = std::max(box.width, box.height) * (1 + 2 * margin);
  return {.a = side / static_cast<float>(size),
          .b = 0,
          .x0 = box.x + (box.width - side) / 2,
          .y0 = box.y + (box.height - side) / 2};
}

}  // namespace emostream::vision

#pragma once

#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// The positions of the eyes in a square crop or in a box, as fractions of its width and height.
struct eye_layout {
  point left_eye;
  point right_eye;

  bool operator==(const eye_layout&) const = default;
};

/// A rotation, a uniform scale and a shift: p ↦ (a·x − b·y + x0, b·x + a·y + y0).
struct similarity_transform {
  float a = 1;
  float b = 0;
  float x0 = 0;
  float y0 = 0;

  [[nodiscard]] point operator()(point p) const { return {a * p.x - b * p.y + x0, b * p.x + a * p.y + y0}; }
  /// Applies the inverse transform. The scale must not be 0.
  [[nodiscard]] point apply_inverse(point p) const;
  [[nodiscard]] float scale() const;
  /// The same transform followed by a shift.
  [[nodiscard]] similarity_transform shifted(point by) const { return {a, b, x0 + by.x, y0 + by.y}; }
  /// The same transform to an image whose sides are divided by `factor`.
  [[nodiscard]] similarity_transform reduced(int factor) const;
  /// The inverse of reduced(): from a reduced image back to the original one.
  [[nodiscard]] similarity_transform enlarged(int factor) const;
};

/// Returns the transform from the pixels of a crop of `size`×`size` to image pixels that places the eyes as
/// in `layout`. Eyes closer than `min_distance` pixels are treated as that far apart, around the same
/// midpoint, so that a face in profile, whose eyes appear close together, is not enlarged.
similarity_transform align_eyes(const eye_layout& layout, int size, point left_eye, point right_eye,
                                float min_distance = 0);

/// Returns the transform from the pixels of a crop of `size`×`size` to image pixels that covers the square
/// around the box's centre. Its side is the longer side of the box, plus `margin` times that on each side.
similarity_transform align_box(const rect& box, float margin, int size);

}  // namespace emostream::vision

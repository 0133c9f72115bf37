#pragma once

#include <array>

namespace emostream::vision {

/// A point in pixels of the image, x to the right, y down. Continuous: the centre of the first pixel is (0.5,
/// 0.5).
struct point {
  float x = 0;
  float y = 0;
};

/// An upright rectangle in pixels; x, y is its upper left corner.
struct rect {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  [[nodiscard]] float area() const { return width * height; }
};

/// Intersection over union, 0..1; 0 if both are empty.
float overlap(const rect& a, const rect& b);

/// BlazeFace's keypoints, in its order; left and right are the image's. The ears are the tragi.
enum keypoint { left_eye, right_eye, nose, mouth, left_ear, right_ear, keypoint_count };

using keypoints = std::array<point, keypoint_count>;

}  // namespace emostream::vision

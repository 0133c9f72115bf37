#pragma once

#include <array>

namespace emostream::vision {

/// A point or vector, in image pixels unless stated otherwise: x to the right, y down. Coordinates are
/// continuous: the centre of the first pixel is (0.5, 0.5).
struct point {
  float x = 0;
  float y = 0;

  bool operator==(const point&) const = default;
};

/// An axis-aligned rectangle in pixels; x and y are its upper left corner.
struct rect {
  float x = 0;
  float y = 0;
  float width = 0;
  float height = 0;

  [[nodiscard]] float area() const { return width * height; }
  [[nodiscard]] point centre() const { return {x + width / 2, y + height / 2}; }
};

/// A part of an image, in its pixels. It may extend beyond the image's edges.
struct region {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

/// Intersection over union, 0..1; 0 if both rectangles are empty.
float iou(const rect& a, const rect& b);

/// BlazeFace's keypoints, in the order of its output. Left and right are those of the image; the ear points
/// are the tragi.
enum keypoint { left_eye, right_eye, nose, mouth, left_ear, right_ear, keypoint_count };

using keypoints = std::array<point, keypoint_count>;

}  // namespace emostream::vision

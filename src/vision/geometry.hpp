#pragma once

namespace emostream::vision {

/// A point in pixels of the image, x to the right, y down.
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

/// Intersection over union, 0..1.
float overlap(const rect& a, const rect& b);

}  // namespace emostream::vision

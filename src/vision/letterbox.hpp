#pragma once

#include <span>

#include "vision/geometry.hpp"
#include "vision/image.hpp"

namespace emostream::vision {

/// How an image lies in a square network input: scaled by one factor to fit, centred, black around it.
struct letterbox {
  float scale = 1;  ///< image pixels an input pixel
  float x = 0;      ///< upper left corner of the image in the input
  float y = 0;

  /// From the input's pixels to the image's.
  [[nodiscard]] point to_image(point p) const { return {(p.x - x) * scale, (p.y - y) * scale}; }
};

/// Writes the image into `tensor`, f32 [size, size, 3] in -1..1 (black is -1). Each input pixel is the mean
/// of the image pixels it covers, or interpolated between them where the image is smaller than the input.
letterbox fill_letterboxed(const image& from, int size, std::span<float> tensor);

}  // namespace emostream::vision

#pragma once

#include <span>

#include "vision/geometry.hpp"
#include "vision/image.hpp"
#include "vision/input_format.hpp"

namespace emostream::vision {

/// How an image is brought into a network's input of another shape: scaled by one factor to fit, centred,
/// with black around it; or stretched to fill it.
enum class fitting { letterbox, stretch };

/// How an image lies in an input.
struct placement {
  point scale{1, 1};  ///< image pixels an input pixel
  point corner;       ///< upper left one of the image in the input

  /// From the input's pixels to the image's.
  [[nodiscard]] point to_image(point p) const {
    return {(p.x - corner.x) * scale.x, (p.y - corner.y) * scale.y};
  }
};

/// Writes the image into `tensor`, which has format.size() numbers. Each input pixel is the mean of the image
/// pixels it covers, or interpolated between them where the image is smaller than the input.
placement fit(const image& from, fitting how, const input_format& format, std::span<float> tensor);

}  // namespace emostream::vision

#pragma once

#include <vector>

#include "vision/image/image.hpp"
#include "vision/image/letterbox.hpp"

namespace emostream::vision {

/// Overlapping parts that cover the image, in each of which the detector finds faces that are too small for
/// it in the whole image: of 16 pixels in a frame of 640×480, where it finds those of 28 in the whole.
std::vector<region> enlarged_parts(const image& of);

}  // namespace emostream::vision

#pragma once

#include <vector>

#include "vision/detection/detection.hpp"
#include "vision/image/image.hpp"

/// Rendered images with faces at known positions.
namespace emostream::vision::testing {

/// A smooth pattern in place of a face. Equal identities have equal patterns.
struct synthetic_face {
  int identity = 0;
  float x = 0;  ///< centre, pixels
  float y = 0;
  float side = 80;  ///< of the box, pixels
  float roll = 0;   ///< radians
};

/// Renders the faces in gray on a smooth background, later ones in front. `brightness` scales all pixels.
image render_scene(int width, int height, const std::vector<synthetic_face>& faces, float brightness = 1);

/// The detection that a perfect detector returns for a face.
detection detection_of(const synthetic_face& f, float confidence = 0.9F);

}  // namespace emostream::vision::testing

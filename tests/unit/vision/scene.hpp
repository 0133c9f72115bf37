#pragma once

#include <cstdint>
#include <vector>

#include "vision/face.hpp"
#include "vision/image/image.hpp"

/// Pictures in which it is known who is where.
namespace emostream::vision::testing {

/// Somebody with a look of their own: a pattern as soft as a face, the same for the same number.
struct actor {
  int who = 0;
  float x = 0;  ///< of the middle, pixels
  float y = 0;
  float side = 80;  ///< of the box, pixels
  float roll = 0;   ///< radians
};

/// Gray actors before a soft background, in that light; who comes later stands in front.
image scene(int width, int height, const std::vector<actor>& actors, float light = 1);

/// What a perfect detector says of one.
face_place place_of(const actor& a, float confidence = 0.9F);

}  // namespace emostream::vision::testing

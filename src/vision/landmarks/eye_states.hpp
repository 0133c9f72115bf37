#pragma once

#include "vision/image/geometry.hpp"

namespace emostream::vision {

struct eye_state {
  /// 0: closed; 1: open as in the median of portraits; more if it is wider open. In mirrored portraits it
  /// differs by 0.08 (median) and 0.24 (95 %).
  float openness = 0;

  /// Where the iris is in the eye, relative to the head: x to the right of the upright face in the image, y
  /// down, whatever the face's roll. 0 when the face looks straight ahead; ±1 when the centre of the iris is
  /// about at a corner, or as high or low as the lids of an open eye; within -1..1. x is about 0.2 when the
  /// eyes look 30° to the side; y says less, since the lids hide how far an eye looks up or down. In mirrored
  /// portraits it differs by 0.03 (median) and 0.1 (95 %) for x, by 0.08 and 0.26 for y.
  point gaze;
};

/// Left and right are those of the image of an upright face.
struct eye_states {
  eye_state left;
  eye_state right;
};

}  // namespace emostream::vision

#pragma once

#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// The pose of a head in degrees, estimated from its keypoints.
struct head_pose {
  float yaw = 0;    ///< positive: the face turns to the right of the image
  float pitch = 0;  ///< positive: the face looks up
  float roll = 0;   ///< positive: the head is tilted clockwise in the image
};

/// Estimates the pose from six points and an average head. Typical errors: 3° of roll, 15° of pitch, 10° of
/// yaw up to 45°. Beyond that only the direction of the yaw is meaningful, since the detector guesses the
/// hidden eye and ear.
head_pose estimate_pose(const keypoints& landmarks);

}  // namespace emostream::vision

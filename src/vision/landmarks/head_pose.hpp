#pragma once

#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// The pose of a head in degrees. It turns by `pitch` first, then by `yaw` around the vertical axis of the
/// image, then by `roll` in the image. All are 0 for an upright head that faces the camera.
struct head_pose {
  float yaw = 0;    ///< -90..90; positive: the face turns to the right of the image
  float pitch = 0;  ///< positive: the face looks up
  float roll = 0;   ///< -180..180; positive: the head is tilted clockwise in the image
};

/// The yaw of a face of which only six points are known, as when it is turned too far for the mesh: less
/// exact than that of the mesh, by up to 10° or so.
float estimate_yaw(const keypoints& landmarks);

}  // namespace emostream::vision

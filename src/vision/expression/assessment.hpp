#pragma once

#include <span>
#include <string_view>

#include <boost/container/static_vector.hpp>

#include "vision/image/geometry.hpp"

// What can be said of a face without a network: how it is turned, and how well it can be seen.
namespace emostream::vision {

/// Head pose in degrees, estimated from the keypoints.
struct head_pose {
  float yaw = 0;    ///< positive: the face turns to the image's right
  float pitch = 0;  ///< positive: the face looks up
  float roll = 0;   ///< positive: the head leans clockwise in the image
};

struct face_quality {
  float blur = 0;  ///< variance of the Laplacian of the gray crop; smaller is blurrier; 0 unless measured
  float brightness = 0;  ///< mean of the gray crop, 0..1; 0 unless measured
  float size_px = 0;     ///< the smaller side of the box
  boost::container::static_vector<std::string_view, 4>
      flags;  ///< too_small, blurred, dark, side_view: see quality_limits.hpp
};

/// A rough estimate from six points and an average head: roll within some 3°, yaw within some 10° up to 45°
/// and only a direction beyond (the far eye and ear are then guesses of the detector), pitch within some 15°.
head_pose estimate_pose(const keypoints& landmarks);

/// `crop` is the aligned gray face that is classified, f32 [size, size] in 0..255, or empty if there is none.
/// The crop has the same scale for every face, so blur means the same for a large face and for a small one.
face_quality assess_quality(const rect& box, const head_pose& pose, std::span<const float> crop, int size);

}  // namespace emostream::vision

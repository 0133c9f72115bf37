#pragma once

#include <array>
#include <cstddef>

#include "vision/image/alignment.hpp"
#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// A point of a face: x and y in pixels of the original image, z towards the back of the head in the same
/// unit.
struct mesh_point {
  float x = 0;
  float y = 0;
  float z = 0;
};

/// The points of MediaPipe's face mesh, in its order.
inline constexpr std::size_t mesh_point_count = 468;
using mesh_points = std::array<mesh_point, mesh_point_count>;

/// The output of the landmark network for one crop.
struct face_mesh {
  mesh_points points;
  float presence_logit = 0;  ///< of the probability that a face is somewhere in the crop
};

/// BlazeFace's six keypoints, computed from the points of a mesh.
keypoints keypoints_of(const mesh_points& points);

/// The box that BlazeFace would give the face: a square around the middle of the features.
rect box_of(const mesh_points& points);

/// The direction from the subject's right eye to the left one in the image, in radians: 0 for an upright
/// face.
float roll_of(const mesh_points& points);

/// The side of the landmark network's square input, in pixels.
inline constexpr int mesh_crop_side = 192;

/// The crop in which the landmark network looks for the face of a detection: 1.5 times as wide as the box.
/// `roll` is the face's, in radians. The transform maps crop pixels to pixels of the original image.
similarity_transform mesh_crop(const rect& box, float roll);

/// The crop in which the network looks for a face whose points are known from an earlier pass or frame.
similarity_transform mesh_crop(const mesh_points& points);

/// Moves the points by a transform of the image.
void transform(mesh_points& points, const similarity_transform& by);

/// The mean distance between corresponding points, as a fraction of the face's size.
float mesh_difference(const mesh_points& a, const mesh_points& b);

}  // namespace emostream::vision

#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "vision/landmarks/face_mesh.hpp"
#include "vision/landmarks/head_pose.hpp"

namespace emostream::vision {

/// MediaPipe's average face, to which the points of a face are fitted to measure its pose.
class canonical_face {
 public:
  /// Reads `canonical_face.toml`, as models/convert makes it. Throws std::runtime_error that names the file
  /// and the reason.
  explicit canonical_face(const std::filesystem::path& file);

  /// The pose of the face that has these points, by a weighted Procrustes analysis (Horn, "Closed-form
  /// solution of absolute orientation using unit quaternions", 1987). Assumes weak perspective: a face beside
  /// the middle of the image seems to turn by the angle at which the camera sees it there. The pose is 0
  /// if the points have no extent. Thread-safe.
  [[nodiscard]] head_pose pose(const mesh_points& points) const;

 private:
  /// x to the right, y down, z towards the camera.
  using vector3 = std::array<double, 3>;

  /// A point that has a weight.
  struct anchor {
    std::size_t index;
    vector3 weighted;  ///< its position relative to the weighted mean of all, multiplied by its weight
  };

  std::vector<anchor> anchors_;
};

}  // namespace emostream::vision

#pragma once

#include <array>
#include <cstddef>
#include <filesystem>

#include "vision/landmarks/landmark_network.hpp"

namespace emostream::vision {

/// The outline of an eye, in pixels of the original image.
struct eye_outline {
  static constexpr std::size_t contour_points = 16;
  static constexpr std::size_t iris_points = 5;

  /// 0 to 8: the lower lid from the outer corner to the inner one; 9 to 15: the upper lid between the
  /// corners, in the same direction.
  std::array<point, contour_points> contour;
  std::array<point, iris_points> iris;  ///< the centre, and the right, upper, left and lower edge
};

/// The output of the attention network for one crop. Left and right are those of the image of an upright
/// face.
struct eye_outlines {
  face_mesh mesh;
  eye_outline left;
  eye_outline right;
};

/// Finds the points of one face, and the contours of its eyes and irises more precisely (MediaPipe's face
/// mesh with attention; Grishchenko et al., "Attention mesh: high-fidelity face mesh prediction in
/// real-time", 2020). find() is thread-safe; each concurrent call needs its own scratch buffers.
class eye_network {
 public:
  /// Loads `attention.onnx`, as models/convert makes it. Throws std::runtime_error that names the file and
  /// the reason.
  explicit eye_network(const std::filesystem::path& file);

  /// Looks for the face in a crop of `from`; mesh_crop() gives its transform.
  void find(const image& from, const similarity_transform& crop, landmark_scratch& scratch,
            eye_outlines& into) const;

 private:
  landmark_network network_;
};

}  // namespace emostream::vision

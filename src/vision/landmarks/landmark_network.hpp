#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "vision/image/crop.hpp"
#include "vision/image/image.hpp"
#include "vision/landmarks/face_mesh.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// Scratch buffers of landmark_network::find(), reused between calls.
struct landmark_scratch {
  crop_scratch cropping;
  std::vector<float> crop;
};

/// Finds the 468 points of one face (MediaPipe's face mesh; Kartynnik et al., "Real-time facial surface
/// geometry from monocular video on mobile GPUs", 2019). find() is thread-safe; each concurrent call needs
/// its own scratch buffers.
class landmark_network {
 public:
  /// Loads `landmarks.onnx`, as models/convert makes it, or a network that has `more_outputs`. Throws
  /// std::runtime_error that names the file and the reason.
  explicit landmark_network(const std::filesystem::path& file, std::vector<tensor_info> more_outputs = {});

  /// Looks for the face in a crop of `from`; mesh_crop() gives its transform. The further outputs are written
  /// to `more` as they are.
  void find(const image& from, const similarity_transform& crop, landmark_scratch& scratch, face_mesh& into,
            std::span<const std::span<float>> more = {}) const;

 private:
  onnx_model network_;
};

}  // namespace emostream::vision

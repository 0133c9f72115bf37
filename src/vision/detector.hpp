#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vision/blazeface.hpp"
#include "vision/image.hpp"
#include "vision/onnx_model.hpp"

namespace emostream::vision {

/// BlazeFace: finds faces and their keypoints. detect() is safe from many threads at once.
class detector {
 public:
  /// The front (128×128) or the back model (256×256). Throws std::runtime_error with the file and the reason.
  explicit detector(const std::filesystem::path& model);

  /// Faces in pixels of the image, the most confident first. Boxes may reach over the image's edges.
  [[nodiscard]] std::vector<detection> detect(const image& in, float min_confidence) const;

  /// As in "blazeface-back-256".
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  onnx_model model_;
  int size_;
  std::string name_;
};

}  // namespace emostream::vision

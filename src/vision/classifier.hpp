#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "vision/affect.hpp"
#include "vision/alignment.hpp"
#include "vision/onnx_model.hpp"

namespace emostream::vision {

/// What a classifier's model.toml says.
struct classifier_manifest {
  std::string name;
  std::filesystem::path file;  ///< the network
  int size = 0;                ///< side of its square gray input
  std::vector<std::string> labels;
  framing eyes;
};

/// Reads `folder`/model.toml. Throws std::runtime_error with the file and the key that is missing or wrong.
classifier_manifest read_manifest(const std::filesystem::path& folder);

/// Names the expression of aligned gray faces. classify() is safe from many threads at once.
class classifier {
 public:
  /// Throws std::runtime_error with the file and the reason.
  explicit classifier(const std::filesystem::path& folder);

  /// Classifies `count` crops at once, f32 [count, size, size] in 0..255 cut as eyes() frames them.
  /// Probabilities, [count, labels], each row summing to 1.
  [[nodiscard]] std::vector<float> classify(std::size_t count, std::span<const float> crops) const;

  [[nodiscard]] int size() const { return manifest_.size; }
  [[nodiscard]] const framing& eyes() const { return manifest_.eyes; }
  [[nodiscard]] const std::string& name() const { return manifest_.name; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return manifest_.labels; }
  /// Of each label, in order.
  [[nodiscard]] std::span<const affect> places() const { return places_; }

 private:
  classifier_manifest manifest_;
  onnx_model model_;
  std::vector<affect> places_;
};

}  // namespace emostream::vision

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "vision/expression/affect.hpp"
#include "vision/expression/reading.hpp"
#include "vision/image/alignment.hpp"
#include "vision/models/manifest.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// The readings of a batch of faces. Reuse one between calls to reuse its memory.
struct readings {
  std::vector<reading> faces;               ///< in the order of the crops
  std::vector<std::vector<float>> outputs;  ///< the network's outputs that they are computed from
};

/// Names the expression of faces that are cut out as its manifest says. classify() is safe from many threads
/// at once.
class classifier {
 public:
  /// Loads a model's folder and tries it out. Throws std::runtime_error with the file, the key, what was
  /// expected and what found.
  explicit classifier(const std::filesystem::path& folder);

  /// Classifies `count` crops at once, each of format().size() numbers.
  void classify(std::size_t count, std::span<const float> crops, readings& into) const;
  [[nodiscard]] readings classify(std::size_t count, std::span<const float> crops) const;

  [[nodiscard]] const input_format& format() const { return manifest_.input; }
  /// Side of its square input.
  [[nodiscard]] int size() const { return manifest_.input.width; }
  [[nodiscard]] const std::variant<framing, box_framing>& frame() const { return manifest_.frame; }
  [[nodiscard]] const std::string& name() const { return manifest_.name; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return manifest_.labels; }
  [[nodiscard]] const classifier_manifest& manifest() const { return manifest_; }
  [[nodiscard]] bool takes_batches() const { return network_.takes_batches(); }

 private:
  struct column {
    std::size_t output;
    std::size_t at;
    bool operator==(const column&) const = default;
  };
  void bind_outputs();
  column bind(std::string_view key, const output_column& named, std::vector<tensor_info>& used) const;
  void check(std::span<const std::vector<float>> answer) const;
  [[nodiscard]] std::size_t width(std::size_t output) const;

  classifier_manifest manifest_;
  onnx_model network_;
  std::vector<std::size_t> label_columns_;  ///< in the first output
  column valence_{};                        ///< if the network has affect of its own
  column arousal_{};
};

}  // namespace emostream::vision

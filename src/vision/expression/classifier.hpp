#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "vision/expression/classifier_manifest.hpp"
#include "vision/expression/reading.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// The readings of a batch of faces. Reuse one between calls to reuse its memory.
struct readings {
  std::vector<reading> faces;               ///< in the order of the crops
  std::vector<std::vector<float>> outputs;  ///< the network's outputs that they are computed from
};

/// Classifies the expression of faces, given as crops that are aligned as its manifest says. classify() is
/// thread-safe.
class classifier {
 public:
  /// Loads the model in a folder and checks it with a test run. Throws std::runtime_error that names the file
  /// and the key, with the expected and the actual value.
  explicit classifier(const std::filesystem::path& folder);

  /// Classifies a batch of `count` crops, each of format().size() values.
  void classify(std::size_t count, std::span<const float> crops, readings& into) const;
  [[nodiscard]] readings classify(std::size_t count, std::span<const float> crops) const;

  [[nodiscard]] const input_format& format() const { return manifest_.input; }
  /// The side of the square input, in pixels.
  [[nodiscard]] int side() const { return manifest_.input.width; }
  [[nodiscard]] const std::variant<eye_layout, box_alignment>& alignment() const {
    return manifest_.alignment;
  }
  [[nodiscard]] const std::string& name() const { return manifest_.name; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return manifest_.labels; }
  [[nodiscard]] const classifier_manifest& manifest() const { return manifest_; }
  [[nodiscard]] bool takes_batches() const { return network_.takes_batches(); }

 private:
  struct column {
    std::size_t output;
    std::size_t index;
    bool operator==(const column&) const = default;
  };
  void bind_outputs();
  column find_column(std::string_view key, const output_column& named, std::vector<tensor_info>& used) const;
  void check_outputs(std::span<const std::vector<float>> outputs) const;
  [[nodiscard]] std::size_t column_count(std::size_t output) const;

  classifier_manifest manifest_;
  onnx_model network_;
  std::vector<std::size_t> label_columns_;  ///< of the first output
  column valence_{};                        ///< used if the network predicts affect
  column arousal_{};
};

}  // namespace emostream::vision

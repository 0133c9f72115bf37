#pragma once

#include <filesystem>
#include <span>

#include "vision/image/alignment.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// The probabilities, 0..1, that parts of a face are hidden, by a mask, a hand, dark glasses or anything
/// else.
struct hidden_parts {
  float mouth = 0;
  float eyes = 0;  ///< both of them
};

/// Judges whether the mouth or the eyes of a face are hidden, so that its expression cannot be read reliably.
/// judge() is thread-safe.
class cover_network {
 public:
  /// The side of its square input, in pixels.
  static constexpr int side = 48;
  /// The positions of the eyes in its input: those of the shipped classifier's crops.
  static constexpr eye_layout eyes{{0.3135F, 0.39F}, {0.6865F, 0.39F}};

  /// Loads `model.onnx`, as training/cover.py makes it. Throws onnx_model_error, a std::runtime_error that
  /// names the file and the reason.
  explicit cover_network(const std::filesystem::path& file);

  /// `crop` is the aligned gray face, f32 [side, side] in 0..255.
  [[nodiscard]] hidden_parts judge(std::span<const float> crop) const;

 private:
  onnx_model network_;
};

}  // namespace emostream::vision

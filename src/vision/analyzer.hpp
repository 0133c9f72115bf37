#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vision/assessment.hpp"
#include "vision/geometry.hpp"
#include "vision/image.hpp"

namespace emostream::vision {

/// One face of one frame. Pixels of the image as sent.
struct face {
  float confidence = 0;  ///< of the detector, 0..1
  rect box;
  std::optional<keypoints> landmarks = {};  ///< if the detector finds them
  std::optional<head_pose> pose = {};       ///< if there are landmarks to estimate it from
  face_quality quality;
  bool measured = false;             ///< false: found, but not classified (too many faces)
  std::vector<float> probabilities;  ///< one a label, sum 1; empty unless measured
  float valence = 0;                 ///< -1..1, the network's or the expectation of the labels' places
  float arousal = 0;                 ///< -1..1
};

/// Time spent in each stage of one frame, ms.
struct stage_times {
  double decode = 0;
  double detect = 0;
  double classify = 0;
};

struct analysis {
  int width = 0;
  int height = 0;
  std::vector<face> faces;  ///< the largest first
  stage_times times;
};

struct analyzer_options {
  std::filesystem::path
      detector_model;  ///< a folder with model.toml and its ONNX file, or a BlazeFace's file
  std::filesystem::path classifier_model;  ///< a folder with model.toml and its ONNX file
  image_limits limits;
  float min_confidence = 0.5F;  ///< of what is held for a face, but for frames that ask for less
  int max_measured = 8;         ///< faces classified a frame, the largest ones
};

/// What may differ from frame to frame.
struct frame_options {
  float min_confidence = 0.5F;
  int max_faces = 0;  ///< the largest ones; 0: all
};

/// The models, loaded once and shared by all workers, and the whole way from bytes to faces.
/// analyze() is const and thread-safe; each call computes on the calling thread alone.
class analyzer {
 public:
  /// Loads and checks the models. Throws std::runtime_error with the file and the reason.
  explicit analyzer(analyzer_options options);
  ~analyzer();
  analyzer(const analyzer&) = delete;
  analyzer& operator=(const analyzer&) = delete;

  /// Errors: image_error.
  [[nodiscard]] result<analysis> analyze(std::span<const std::uint8_t> encoded,
                                         const frame_options& options) const;

  /// Takes the image for the frame of one face, as a set of faces already cut out has them: nothing is looked
  /// for, and the one face of the answer has no landmarks and no pose. The image may be of any size; what a
  /// longer side leaves free is filled by going on with the border. Errors: image_error.
  [[nodiscard]] result<analysis> analyze_crop(std::span<const std::uint8_t> encoded) const;

  [[nodiscard]] const std::vector<std::string>& labels() const;
  [[nodiscard]] const std::string& detector_name() const;
  [[nodiscard]] const std::string& classifier_name() const;

 private:
  struct impl;
  std::unique_ptr<const impl> impl_;
};

}  // namespace emostream::vision

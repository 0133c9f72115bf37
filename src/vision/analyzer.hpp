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
#include "vision/face.hpp"
#include "vision/image/image.hpp"
#include "vision/stream_options.hpp"

namespace emostream::vision {

struct analyzer_options {
  std::filesystem::path
      detector_model;  ///< a folder with model.toml and its ONNX file, or a BlazeFace's file
  std::filesystem::path classifier_model;  ///< a folder with model.toml and its ONNX file
  /// A detector of near faces that looks again, from near, at each face that is new in a stream; empty: none.
  std::filesystem::path second_look_model = {};
  image_limits limits;
  float min_confidence = 0.5F;  ///< of what is held for a face, but for frames that ask for less
  int max_measured = 8;         ///< faces classified a frame, the largest ones
};

/// What may differ from frame to frame.
struct frame_options {
  float min_confidence = 0.5F;
  int max_faces = 0;         ///< the largest ones; 0: all
  bool others_wait = false;  ///< so that a stream saves what it can
};

class engine;
class stream;

/// The models, loaded once and shared by all workers, and the whole way from bytes to faces.
/// analyze() is const and thread-safe; each call computes on the calling thread alone.
class analyzer {
 public:
  /// Loads and checks the models. Throws std::runtime_error with the file and the reason.
  explicit analyzer(analyzer_options options);

  /// An image that stands alone. Errors: image_error.
  [[nodiscard]] result<analysis> analyze(std::span<const std::uint8_t> encoded,
                                         const frame_options& options) const;

  /// Takes the image for the frame of one face, as a set of faces already cut out has them: nothing is looked
  /// for, and the one face of the answer has no landmarks and no pose. The image may be of any size; what a
  /// longer side leaves free is filled by going on with the border. Errors: image_error.
  [[nodiscard]] result<analysis> analyze_crop(std::span<const std::uint8_t> encoded) const;

  /// For the frames of one sender; may outlive the analyzer.
  [[nodiscard]] stream open_stream(const stream_options& options) const;

  [[nodiscard]] const std::vector<std::string>& labels() const;
  [[nodiscard]] const std::string& detector_name() const;
  [[nodiscard]] const std::string& classifier_name() const;

 private:
  std::shared_ptr<const engine> engine_;
};

}  // namespace emostream::vision

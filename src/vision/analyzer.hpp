#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vision/analysis_options.hpp"
#include "vision/face.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {

class engine;
class stream;

/// Loads the models, and analyzes encoded images: finds the faces and classifies their expressions. All
/// workers share one analyzer: its const members are thread-safe and compute only on the calling thread.
class analyzer {
 public:
  /// Loads and checks the models. Throws std::runtime_error that names the file and the reason.
  explicit analyzer(analyzer_options options);

  /// Analyzes an image that is not part of a stream. Coordinates are those of the upright picture. Errors:
  /// image_error.
  [[nodiscard]] result<analysis> analyze(std::span<const std::uint8_t> encoded,
                                         const frame_options& options) const;

  /// Classifies an image that is a crop of one face, as in face data sets, without a detector. The result has
  /// one face, without landmarks and pose. Images smaller than image_limits::min_side are accepted; if the
  /// image is not square, its edge pixels are repeated to make it so. Errors: image_error.
  [[nodiscard]] result<analysis> analyze_crop(std::span<const std::uint8_t> encoded) const;

  /// Opens a stream for the frames of one client. It may outlive the analyzer.
  [[nodiscard]] stream open_stream(const stream_options& options) const;

  [[nodiscard]] const std::vector<std::string>& labels() const;
  [[nodiscard]] const std::string& detector_name() const;
  [[nodiscard]] const std::string& classifier_name() const;

 private:
  std::shared_ptr<const engine> engine_;
};

}  // namespace emostream::vision

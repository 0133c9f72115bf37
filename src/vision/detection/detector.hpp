#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "vision/detection/detection.hpp"
#include "vision/detection/detector_manifest.hpp"
#include "vision/image/image.hpp"
#include "vision/image/letterbox.hpp"

namespace emostream::vision {

/// Scratch buffers of detector::detect(), reused between calls.
struct detection_scratch {
  resize_scratch resizing;
  std::vector<float> input;
  std::vector<float> scores;
  std::vector<float> boxes;
};

/// Finds faces. detect() is thread-safe; each concurrent call needs its own scratch buffers.
class detector {
 public:
  virtual ~detector() = default;

  /// Replaces `found` with the faces in a part of the image, in descending order of confidence. The part is
  /// in pixels of `in`. Coordinates are pixels of the original image; boxes may extend beyond its edges.
  virtual void detect(const image& in, const region& part, float min_confidence, detection_scratch& scratch,
                      std::vector<detection>& found) const = 0;

  /// The name of the model, such as "blazeface-back-256".
  [[nodiscard]] const std::string& name() const { return manifest_.name; }
  [[nodiscard]] const detector_manifest& manifest() const { return manifest_; }
  /// The format of the network's input.
  [[nodiscard]] virtual const input_format& format() const = 0;
  /// The number of candidate boxes that the network scores per image.
  [[nodiscard]] virtual std::size_t anchors() const = 0;

 protected:
  explicit detector(detector_manifest m) : manifest_(std::move(m)) {}
  detector_manifest manifest_;
};

/// Loads the model in a folder, or a BlazeFace network file, and checks it with a test run. Throws
/// std::runtime_error that names the file and the key, with the expected and the actual value.
std::unique_ptr<const detector> load_detector(const std::filesystem::path& model);

}  // namespace emostream::vision

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "vision/detection/detection.hpp"
#include "vision/image/image.hpp"
#include "vision/image/letterbox.hpp"
#include "vision/models/manifest.hpp"

namespace emostream::vision {

/// Memory that detecting uses again.
struct detecting_room {
  fitting_room fitting;
  std::vector<float> input;
  std::vector<float> scores;
  std::vector<float> boxes;
};

/// Finds faces. detect() is safe from many threads at once, each with a room of its own.
class detector {
 public:
  virtual ~detector() = default;

  /// Faces in pixels of the image as sent, the most confident first, in place of what was in `found`. Boxes
  /// may reach over the image's edges.
  virtual void detect(const image& in, float min_confidence, detecting_room& room,
                      std::vector<detection>& found) const = 0;

  /// As in "blazeface-back-256".
  [[nodiscard]] const std::string& name() const { return manifest_.name; }
  [[nodiscard]] const detector_manifest& manifest() const { return manifest_; }
  /// What the network takes.
  [[nodiscard]] virtual const input_format& format() const = 0;
  /// Boxes that it judges in an image.
  [[nodiscard]] virtual std::size_t anchors() const = 0;

 protected:
  explicit detector(detector_manifest m) : manifest_(std::move(m)) {}
  detector_manifest manifest_;
};

/// Loads a model's folder, or a BlazeFace's file, and tries it out. Throws std::runtime_error with the file,
/// the key, what was expected and what found.
std::unique_ptr<const detector> load_detector(const std::filesystem::path& model);

}  // namespace emostream::vision

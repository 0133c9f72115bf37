#pragma once

#include "vision/detection/detector.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// BlazeFace, the front (128×128) or the back model (256×256). Its detections have landmarks.
class blazeface_detector final : public detector {
 public:
  explicit blazeface_detector(detector_manifest m);

  void detect(const image& in, const region& part, float min_confidence, detection_scratch& scratch,
              std::vector<detection>& found) const override;
  [[nodiscard]] const input_format& format() const override { return format_; }
  [[nodiscard]] std::size_t anchors() const override;

 private:
  onnx_model network_;
  input_format format_;
};

}  // namespace emostream::vision

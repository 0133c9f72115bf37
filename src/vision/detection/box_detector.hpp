#pragma once

#include <span>

#include "vision/detection/detector.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// Appends the boxes whose confidence is at least `min_confidence`, in pixels of the network's input.
/// `scores` has `columns` values per box: background and face, or the face alone. `boxes` has four values per
/// box.
void decode_boxes(const box_format& format, std::size_t columns, std::span<const float> scores,
                  std::span<const float> boxes, float min_confidence, std::vector<detection>& into);

/// A network whose outputs are boxes and their scores, such as UltraFace. Its detections have no landmarks.
class box_detector final : public detector {
 public:
  explicit box_detector(detector_manifest m);

  void detect(const image& in, const region& part, float min_confidence, detection_scratch& scratch,
              std::vector<detection>& found) const override;
  [[nodiscard]] const input_format& format() const override { return manifest_.boxes.input; }
  [[nodiscard]] std::size_t anchors() const override { return anchors_; }

 private:
  void bind_outputs();
  void check_scores(std::span<const float> scores) const;

  onnx_model network_;
  std::size_t anchors_ = 0;
  std::size_t score_columns_ = 0;
};

}  // namespace emostream::vision

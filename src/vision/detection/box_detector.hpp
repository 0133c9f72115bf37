#pragma once

#include <span>

#include "vision/detection/detector.hpp"
#include "vision/models/onnx_model.hpp"

namespace emostream::vision {

/// Appends the faces among a network's boxes whose confidence reaches the minimum, in pixels of its input.
/// `scores` has `columns` numbers a box: background and face, or the face alone; `boxes` four.
void decode_boxes(const box_format& format, std::size_t columns, std::span<const float> scores,
                  std::span<const float> boxes, float min_confidence, std::vector<detection>& into);

/// A network that gives boxes and scores as they are, such as UltraFace: faces without keypoints.
class box_detector final : public detector {
 public:
  explicit box_detector(detector_manifest m);

  void detect(const image& in, float min_confidence, detecting_room& room,
              std::vector<detection>& found) const override;
  [[nodiscard]] const input_format& format() const override { return manifest_.boxes.input; }
  [[nodiscard]] std::size_t anchors() const override { return anchors_; }

 private:
  void bind_outputs();
  void check(std::span<const float> scores) const;

  onnx_model network_;
  std::size_t anchors_ = 0;
  std::size_t score_columns_ = 0;
};

}  // namespace emostream::vision

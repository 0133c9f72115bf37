#include "vision/detection/box_detector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "vision/models/network_check.hpp"

namespace emostream::vision {

namespace {

/// The minimum confidence even if a frame requests a lower one: a network has thousands of boxes, and
/// non-maximum suppression compares them pairwise.
constexpr float lowest_min_confidence = 0.05F;

float confidence_of(std::span<const float> scores, score_kind kind) {
  if (kind == score_kind::probabilities) return scores.back();
  const float logit = scores.size() == 2 ? scores[1] - scores[0] : scores[0];
  return 1 / (1 + std::exp(-logit));
}

}  // namespace

void decode_boxes(const box_format& format, std::size_t columns, std::span<const float> scores,
                  std::span<const float> boxes, float min_confidence, std::vector<detection>& into) {
  const auto width = static_cast<float>(format.in_fractions ? format.input.width : 1);
  const auto height = static_cast<float>(format.in_fractions ? format.input.height : 1);
  for (std::size_t i = 0; i < scores.size() / columns; ++i) {
    const float confidence = confidence_of(scores.subspan(i * columns, columns), format.kind);
    if (!(confidence >= min_confidence)) continue;  // also rejects NaN
    const auto box = boxes.subspan(i * 4).first<4>();
    detection& d = into.emplace_back();
    d.confidence = std::min(confidence, 1.0F);
    d.box.width = std::max(format.from_corners ? box[2] - box[0] : box[2], 0.0F) * width;
    d.box.height = std::max(format.from_corners ? box[3] - box[1] : box[3], 0.0F) * height;
    d.box.x = box[0] * width - (format.from_corners ? 0 : d.box.width / 2);
    d.box.y = box[1] * height - (format.from_corners ? 0 : d.box.height / 2);
  }
}

box_detector::box_detector(detector_manifest m) : detector(std::move(m)), network_(load_network(manifest_)) {
  check_input(network_, manifest_, manifest_.boxes.input_name, manifest_.boxes.input);
  bind_outputs();
  check_scores(run_probe(network_, manifest_, manifest_.boxes.input)[0]);
}

void box_detector::bind_outputs() {
  const detector_manifest& m = manifest_;
  const tensor_info boxes = find_output(network_, m, "output.boxes", m.boxes.boxes);
  const bool has_boxes = boxes.shape.size() == 3 && boxes.shape[1] > 0;
  const std::vector<std::int64_t> box_shape{1, has_boxes ? boxes.shape[1] : 0, 4};
  if (!has_boxes || !boxes.fits(box_shape))
    m.fail("output.boxes", "must be an output [1, A, 4] with a fixed number A of boxes, but \"" + boxes.name +
                               "\" is a " + shape_string(boxes.shape));
  anchors_ = static_cast<std::size_t>(box_shape[1]);

  const tensor_info scores = find_output(network_, m, "output.scores", m.boxes.scores);
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{1, box_shape[1], 2}, {1, box_shape[1], 1}, {1, box_shape[1]}}) {
    if (score_columns_ > 0 || !scores.fits(shape)) continue;
    score_columns_ = shape.size() == 3 ? static_cast<std::size_t>(shape[2]) : 1;
    network_.bind(m.boxes.input.shape(), {{scores.name, shape}, {boxes.name, box_shape}});
  }
  if (score_columns_ == 0)
    m.fail("output.scores", "must be an output [1, " + std::to_string(anchors_) + ", 2] or [1, " +
                                std::to_string(anchors_) + ", 1], with one row per box, but \"" +
                                scores.name + "\" is a " + shape_string(scores.shape));
}

/// If the scores should be probabilities, checks that those for the probe image are from 0 to 1.
void box_detector::check_scores(std::span<const float> scores) const {
  if (manifest_.boxes.kind == score_kind::logits) return;
  const auto invalid = std::ranges::find_if(scores, [](float v) { return v < -0.001F || v > 1.001F; });
  if (invalid != scores.end())
    manifest_.fail("output.kind", "must be \"logits\", it seems: a score that should be a probability is " +
                                      std::to_string(*invalid) + " for a gray image");
}

void box_detector::detect(const image& in, const region& part, float min_confidence,
                          detection_scratch& scratch, std::vector<detection>& found) const {
  const box_format& format = manifest_.boxes;
  scratch.input.resize(format.input.size());
  const placement placed = fit(in, part, format.fit, format.input, scratch.input, scratch.resizing);
  scratch.scores.resize(anchors_ * score_columns_);
  scratch.boxes.resize(anchors_ * 4);
  const std::array<std::span<float>, 2> outputs{scratch.scores, scratch.boxes};
  network_.run(1, scratch.input, outputs);

  found.clear();
  decode_boxes(format, score_columns_, scratch.scores, scratch.boxes,
               std::max(min_confidence, lowest_min_confidence), found);
  blend_overlapping(found, format.max_iou);
  for (detection& d : found) {
    d.box = placed.box_to_image(d.box);
  }
}

}  // namespace emostream::vision

#include "vision/blazeface.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace emostream::vision {

namespace {

detection decode_anchor(point centre, std::span<const float, values_per_anchor> raw, float confidence) {
  detection d;
  d.confidence = confidence;
  const float width = std::max(raw[2], 0.0F);
  const float height = std::max(raw[3], 0.0F);
  d.box = {centre.x + raw[0] - width / 2, centre.y + raw[1] - height / 2, width, height};
  for (std::size_t k = 0; k < keypoint_count; ++k)
    d.landmarks[k] = {centre.x + raw[4 + 2 * k], centre.y + raw[5 + 2 * k]};
  return d;
}

/// The confidence-weighted mean of detections.
class blend {
 public:
  void add(const detection& d) {
    const float w = d.confidence;
    best_ = std::max(best_, w);
    weight_ += w;
    sum_.box.x += w * d.box.x;
    sum_.box.y += w * d.box.y;
    sum_.box.width += w * d.box.width;
    sum_.box.height += w * d.box.height;
    for (std::size_t k = 0; k < keypoint_count; ++k) {
      sum_.landmarks[k].x += w * d.landmarks[k].x;
      sum_.landmarks[k].y += w * d.landmarks[k].y;
    }
  }

  [[nodiscard]] detection mean() const {
    detection d = sum_;
    d.confidence = best_;
    d.box = {d.box.x / weight_, d.box.y / weight_, d.box.width / weight_, d.box.height / weight_};
    for (point& p : d.landmarks) p = {p.x / weight_, p.y / weight_};
    return d;
  }

 private:
  detection sum_;
  float weight_ = 0;
  float best_ = 0;
};

}  // namespace

void decode_grid(const anchor_grid& grid, int input_size, std::span<const float> scores,
                 std::span<const float> values, float min_confidence, std::vector<detection>& into) {
  const float cell = static_cast<float>(input_size) / static_cast<float>(grid.cells);
  std::size_t anchor = 0;
  for (int y = 0; y < grid.cells; ++y) {
    for (int x = 0; x < grid.cells; ++x) {
      for (int a = 0; a < grid.per_cell; ++a, ++anchor) {
        const float confidence = 1 / (1 + std::exp(-scores[anchor]));
        if (!(confidence >= min_confidence)) continue;  // not a number is no face
        const point centre{(static_cast<float>(x) + 0.5F) * cell, (static_cast<float>(y) + 0.5F) * cell};
        const auto raw = values.subspan(anchor * values_per_anchor).first<values_per_anchor>();
        into.push_back(decode_anchor(centre, raw, confidence));
      }
    }
  }
}

std::vector<detection> blend_overlapping(std::vector<detection> detections, float max_overlap) {
  std::ranges::stable_sort(detections, std::ranges::greater{}, &detection::confidence);
  std::vector<detection> blended;
  while (!detections.empty()) {
    const rect best = detections.front().box;
    blend together;
    together.add(detections.front());
    std::size_t kept = 0;
    for (std::size_t i = 1; i < detections.size(); ++i) {
      if (overlap(best, detections[i].box) > max_overlap)
        together.add(detections[i]);
      else
        detections[kept++] = detections[i];
    }
    detections.resize(kept);
    blended.push_back(together.mean());
  }
  return blended;
}

}  // namespace emostream::vision

#include "vision/detection.hpp"

#include <algorithm>
#include <cstddef>

namespace emostream::vision {

namespace {

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
    if (!d.landmarks) return;
    keypoints& sum = sum_.landmarks ? *sum_.landmarks : sum_.landmarks.emplace();
    for (std::size_t k = 0; k < keypoint_count; ++k) {
      sum[k].x += w * (*d.landmarks)[k].x;
      sum[k].y += w * (*d.landmarks)[k].y;
    }
  }

  [[nodiscard]] detection mean() const {
    detection d = sum_;
    d.confidence = best_;
    d.box = {d.box.x / weight_, d.box.y / weight_, d.box.width / weight_, d.box.height / weight_};
    if (d.landmarks) {
      for (point& p : *d.landmarks) p = {p.x / weight_, p.y / weight_};
    }
    return d;
  }

 private:
  detection sum_;
  float weight_ = 0;
  float best_ = 0;
};

}  // namespace

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

#include "vision/detection/detection.hpp"

#include <algorithm>
#include <cstddef>

namespace emostream::vision {

namespace {

/// Accumulates the confidence-weighted mean of detections.
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

void blend_overlapping(std::vector<detection>& detections, float max_iou) {
  std::ranges::sort(detections, std::ranges::greater{}, &detection::confidence);
  // The blended detections are kept at the front, the remaining ones behind them.
  std::size_t end = detections.size();
  for (std::size_t done = 0; done < end; ++done) {
    const rect best = detections[done].box;
    blend group;
    group.add(detections[done]);
    std::size_t kept = done + 1;
    for (std::size_t i = done + 1; i < end; ++i) {
      if (iou(best, detections[i].box) > max_iou)
        group.add(detections[i]);
      else
        detections[kept++] = detections[i];
    }
    end = kept;
    detections[done] = group.mean();
  }
  detections.resize(end);
}

}  // namespace emostream::vision

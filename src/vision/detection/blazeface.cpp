#include "vision/detection/blazeface.hpp"

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
  keypoints& points = d.landmarks.emplace();
  for (std::size_t k = 0; k < keypoint_count; ++k)
    points[k] = {centre.x + raw[4 + 2 * k], centre.y + raw[5 + 2 * k]};
  return d;
}

}  // namespace

void decode_grid(const anchor_grid& grid, int input_size, std::span<const float> scores,
                 std::span<const float> values, float min_confidence, std::vector<detection>& into) {
  const float cell = static_cast<float>(input_size) / static_cast<float>(grid.cells);
  std::size_t anchor = 0;
  for (int y = 0; y < grid.cells; ++y) {
    for (int x = 0; x < grid.cells; ++x) {
      for (int a = 0; a < grid.per_cell; ++a, ++anchor) {
        const float confidence = 1 / (1 + std::exp(-scores[anchor]));
        if (!(confidence >= min_confidence)) continue;  // also rejects NaN
        const point centre{(static_cast<float>(x) + 0.5F) * cell, (static_cast<float>(y) + 0.5F) * cell};
        const auto raw = values.subspan(anchor * values_per_anchor).first<values_per_anchor>();
        into.push_back(decode_anchor(centre, raw, confidence));
      }
    }
  }
}

}  // namespace emostream::vision

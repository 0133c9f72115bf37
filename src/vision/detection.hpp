#pragma once

#include <optional>
#include <vector>

#include "vision/geometry.hpp"

namespace emostream::vision {

/// A face as a detector sees it.
struct detection {
  float confidence = 0;  ///< 0..1
  rect box;
  std::optional<keypoints> landmarks = {};  ///< if the network gives them
};

/// Non-maximum suppression by blending, as MediaPipe does: the most confident detection and all that overlap
/// it by more than `max_overlap` become one, the mean of them weighted by confidence, with the confidence of
/// the best. This steadies boxes and keypoints from frame to frame. The most confident first. Either all have
/// landmarks or none.
std::vector<detection> blend_overlapping(std::vector<detection> detections, float max_overlap = 0.3F);

}  // namespace emostream::vision

#pragma once

#include <vector>

#include "vision/face.hpp"

namespace emostream::vision {

/// A face as a detector sees it.
using detection = face_place;

/// Non-maximum suppression by blending, as MediaPipe does: the most confident detection and all that overlap
/// it by more than `max_overlap` become one, the mean of them weighted by confidence, with the confidence of
/// the best. This steadies boxes and keypoints from frame to frame. In place, the most confident first.
/// Either all have landmarks or none.
void blend_overlapping(std::vector<detection>& detections, float max_overlap = 0.3F);

}  // namespace emostream::vision

#pragma once

#include <optional>
#include <vector>

#include "vision/image/geometry.hpp"
#include "vision/landmarks/face_mesh.hpp"

namespace emostream::vision {

/// A box with a score, found by a detector in one image. Coordinates are pixels of the original image.
struct detection {
  float confidence = 0;  ///< of the detector, 0..1
  rect box;
  std::optional<keypoints> landmarks = {};  ///< absent if the detector has none
};

/// A face that face_verifier found at a detection.
struct found_face : detection {
  float look = 0;                        ///< confidence of the second detector, 0..1; 0: it did not look
  std::optional<mesh_points> mesh = {};  ///< absent if none was fitted, or if it cannot be trusted
};

/// Weighted non-maximum suppression, as in MediaPipe: repeatedly merges the most confident remaining
/// detection and all that overlap it by an IoU of more than `max_iou` into their confidence-weighted mean,
/// with the highest confidence. This makes boxes and keypoints steadier from frame to frame. Works in place
/// and sorts by descending confidence. Requires that either all detections have landmarks or none has.
void blend_overlapping(std::vector<detection>& detections, float max_iou = 0.3F);

}  // namespace emostream::vision

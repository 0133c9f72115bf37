#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vision/expression/assessment.hpp"
#include "vision/expression/reading.hpp"
#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// Where a face is. Pixels of the image as sent.
struct face_place {
  float confidence = 0;  ///< of the detector, 0..1
  rect box;
  std::optional<keypoints> landmarks = {};  ///< if the detector finds them
};

/// One face of one frame.
struct face : face_place {
  std::uint64_t id = 0;                ///< the same from frame to frame; 0 if the frame stands alone
  std::optional<head_pose> pose = {};  ///< if there are landmarks to estimate it from
  face_quality quality;
  std::optional<vision::reading> reading = {};  ///< absent if not classified (too many faces)
};

/// Time spent in each stage of one frame, ms.
struct stage_times {
  double decode = 0;
  double detect = 0;  ///< or to follow the faces without detecting
  double classify = 0;
};

/// What there is to say of one image.
struct analysis {
  int width = 0;
  int height = 0;
  std::vector<face> faces;  ///< the largest first
  stage_times times;
};

}  // namespace emostream::vision

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vision/detection/detection.hpp"
#include "vision/expression/face_quality.hpp"
#include "vision/expression/head_pose.hpp"
#include "vision/expression/reading.hpp"

namespace emostream::vision {

/// A face in one image, as reported to the client.
struct face : detection {
  std::uint64_t id = 0;                ///< of its track; 0 for images that are not part of a stream
  std::optional<head_pose> pose = {};  ///< absent without landmarks
  face_quality quality;
  std::optional<vision::reading> reading = {};  ///< absent if not classified (too many faces)
};

/// The time spent in each stage of the analysis of one image, ms.
struct stage_times {
  double decode = 0;
  double detect = 0;    ///< tracking, detection and verification
  double classify = 0;  ///< includes cropping, for which the image may be decoded again
};

/// The result of analyzing one image.
struct analysis {
  int width = 0;
  int height = 0;
  std::vector<face> faces;  ///< the largest first
  stage_times times;
};

}  // namespace emostream::vision

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "vision/detection/detection.hpp"
#include "vision/expression/face_quality.hpp"
#include "vision/expression/reading.hpp"
#include "vision/landmarks/eye_states.hpp"
#include "vision/landmarks/head_pose.hpp"

namespace emostream::vision {

/// The eyes of a face, as reported to the client: in a stream, as blink_counter smooths them.
struct face_eyes : eye_states {
  std::optional<std::uint32_t> blinks =
      {};  ///< since its eyes were first measured; absent if not in a stream
};

/// A face in one image, as reported to the client.
struct face : found_face {
  std::uint64_t id = 0;                ///< of its track; 0 for images that are not part of a stream
  std::optional<head_pose> pose = {};  ///< absent without a mesh
  std::optional<face_eyes> eyes = {};  ///< absent if not asked for, or if they cannot be seen
  face_quality quality;
  hidden_parts hidden;                          ///< as of the reading
  std::optional<vision::reading> reading = {};  ///< absent if not classified (too many faces)
};

/// The time spent in each stage of the analysis of one image, ms.
struct stage_times {
  double decode = 0;
  double detect = 0;    ///< tracking, detection and verification
  double classify = 0;  ///< includes cropping and the eyes, for which the image may be decoded again
};

/// The result of analyzing one image.
struct analysis {
  int width = 0;
  int height = 0;
  std::vector<face> faces;  ///< the largest first
  stage_times times;
};

}  // namespace emostream::vision

#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "vision/detection/detection.hpp"

namespace emostream::vision {

/// Adds up what several frames of a stream show of faces that are too small or too blurred for a single look.
/// Use from one thread at a time.
class repeated_sightings {
 public:
  /// Whether further frames may tell more: the face is small, and was seen with some confidence.
  static bool may_help(const found_face& face);

  /// Records a face that the verifier saw with little confidence in the frame received at `now`; of several
  /// at one place in a frame, the first counts. Returns the confidence that several sightings of it have
  /// together; nothing as long as there are too few.
  std::optional<float> add(const found_face& face, time_point now);

 private:
  struct sighted_face {
    rect box;
    time_point last;
    int count = 0;
    float mean = 0;  ///< of the confidences, the latest ones weighing most
  };

  std::vector<sighted_face> faces_;
};

}  // namespace emostream::vision

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "vision/geometry.hpp"

namespace emostream::vision {

/// Gives the faces of consecutive frames ids: a face that overlaps one of the last frames is the same. An id
/// lives for a while after its face was lost, and is never given again. One a connection, one thread at a
/// time.
class tracker {
 public:
  explicit tracker(float min_overlap = 0.3F, milliseconds lifetime = milliseconds{1500});

  /// The id of each box of this frame, in order. `now` must not go backwards.
  std::vector<std::uint64_t> update(std::span<const rect> boxes, time_point now);

 private:
  struct track {
    std::uint64_t id;
    rect box;
    time_point seen;
  };
  float min_overlap_;
  milliseconds lifetime_;
  std::uint64_t next_id_ = 1;
  std::vector<track> tracks_;
};

}  // namespace emostream::vision

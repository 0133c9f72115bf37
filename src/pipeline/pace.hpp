#pragma once

#include <array>
#include <cstddef>

#include "base/clock.hpp"

namespace emostream::pipeline {

/// What frame rate to advise a client, from how long its frames waited: half of it when the 95th percentile
/// of the last waits passes 100 ms, one more every 2 s while it is under 30 ms, within 1 and `max_fps`. One a
/// connection, one thread at a time.
class pace {
 public:
  explicit pace(int max_fps) : max_fps_(max_fps), target_fps_(max_fps) {}

  /// A frame waited `queue_ms` for a worker, or until it was given up. `now` must not go backwards.
  void waited(double queue_ms, time_point now);

  [[nodiscard]] int target_fps() const { return target_fps_; }

 private:
  [[nodiscard]] double p95() const;

  static constexpr std::size_t window = 20;
  static constexpr std::size_t enough = 5;  ///< fewer waits say nothing

  int max_fps_;
  int target_fps_;
  time_point changed_{};
  std::array<double, window> waits_{};
  std::size_t count_ = 0;  ///< since the last change
};

}  // namespace emostream::pipeline

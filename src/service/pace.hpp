#pragma once

#include <array>
#include <cstddef>

#include "base/clock.hpp"

namespace emostream::service {

struct pace_options {
  milliseconds decrease_above{100};  ///< the rate is halved when frames wait longer than this
  milliseconds increase_below{30};   ///< the rate is increased while frames wait less than this
  milliseconds increase_interval{2000};
};

/// What frame rate to advise a client, from how long its frames waited: half of it when the 95th percentile
/// of the last waits is too long, one more now and then while it is short, within 1 and `max_fps`. One a
/// connection, one thread at a time.
class pace {
 public:
  explicit pace(int max_fps, const pace_options& options = {})
      : options_(options), max_fps_(max_fps), target_fps_(max_fps) {}

  /// A frame waited `queue_ms` for a worker, or until it was given up. `now` must not go backwards.
  void waited(double queue_ms, time_point now);

  [[nodiscard]] int target_fps() const { return target_fps_; }

 private:
  [[nodiscard]] double p95() const;

  static constexpr std::size_t window = 20;
  static constexpr std::size_t enough = 5;  ///< fewer waits say nothing

  pace_options options_;
  int max_fps_;
  int target_fps_;
  time_point changed_{};
  std::array<double, window> waits_{};
  std::size_t count_ = 0;  ///< since the last change
};

}  // namespace emostream::service

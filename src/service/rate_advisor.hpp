#pragma once

#include <array>
#include <cstddef>

#include "base/clock.hpp"

namespace emostream::service {

struct rate_advisor_options {
  milliseconds decrease_above{100};  ///< the rate is halved when frames wait longer than this
  milliseconds increase_below{30};   ///< the rate is increased while frames wait less than this
  milliseconds increase_interval{2000};
};

/// Advises a client on its frame rate, based on how long its frames wait for a worker. It halves the rate
/// when the 95th percentile of recent waits is too long, and raises it by one frame per second at each
/// interval while that percentile is short. The rate stays between 1 and `max_fps`. One per session; not
/// thread-safe.
class rate_advisor {
 public:
  explicit rate_advisor(int max_fps, const rate_advisor_options& options = {})
      : options_(options), max_fps_(max_fps), target_fps_(max_fps) {}

  /// Records how long a frame waited until a worker took it or it was dropped. `now` must not go backwards.
  void record_wait(double queue_ms, time_point now);

  [[nodiscard]] int target_fps() const { return target_fps_; }

 private:
  [[nodiscard]] double p95() const;

  static constexpr std::size_t window = 20;
  static constexpr std::size_t min_waits = 5;  ///< needed for a decision

  rate_advisor_options options_;
  int max_fps_;
  int target_fps_;
  time_point changed_{};
  std::array<double, window> waits_{};  ///< ring buffer
  std::size_t count_ = 0;               ///< of waits since the last decrease
};

}  // namespace emostream::service

#pragma once

#include "base/clock.hpp"

namespace emostream::service {

/// Lets `rate` tokens a second through on average and `burst` at once. Starts full. One thread at a time.
class token_bucket {
 public:
  token_bucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  /// Whether so many may pass at `now`; if so they have. `now` must not go backwards.
  [[nodiscard]] bool take(time_point now, double tokens = 1);
  /// Whether take() would let them pass.
  [[nodiscard]] bool holds(time_point now, double tokens = 1);
  /// Whether it is as if nothing had ever passed.
  [[nodiscard]] bool full(time_point now) { return holds(now, burst_); }

 private:
  double rate_;
  double burst_;
  double tokens_;
  time_point filled_{};
};

}  // namespace emostream::service

#pragma once

#include "base/clock.hpp"

namespace emostream::service {

/// A token bucket that allows `rate` tokens per second on average and `burst` at once. It starts full. Not
/// thread-safe.
class token_bucket {
 public:
  token_bucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  /// Takes that many tokens if the bucket holds them, and returns whether it did. `now` must not go
  /// backwards.
  [[nodiscard]] bool take(time_point now, double tokens = 1);
  /// Returns whether take() would succeed, without taking anything.
  [[nodiscard]] bool holds(time_point now, double tokens = 1);
  [[nodiscard]] bool is_full(time_point now) { return holds(now, burst_); }

 private:
  double rate_;
  double burst_;
  double tokens_;
  time_point filled_{};
};

}  // namespace emostream::service

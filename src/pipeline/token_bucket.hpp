#pragma once

#include "base/clock.hpp"

namespace emostream::pipeline {

/// Lets `rate` events a second through on average and `burst` at once. Starts full. One thread at a time.
class token_bucket {
 public:
  token_bucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  /// Whether an event at `now` may pass; if so it has. `now` must not go backwards.
  [[nodiscard]] bool take(time_point now);

 private:
  double rate_;
  double burst_;
  double tokens_;
  time_point filled_{};
};

}  // namespace emostream::pipeline

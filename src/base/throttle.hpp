#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace emostream {

/// Lets one of many alike through in each interval, and counts the others: for what is worth saying once, and
/// would be a flood if said each time. One thread at a time.
class throttle {
 public:
  explicit throttle(milliseconds interval = milliseconds{1000}) : interval_(interval) {}

  /// How many were held back since the last one that passed, if this one passes. `now` must not go backwards.
  [[nodiscard]] std::optional<std::uint64_t> pass(time_point now) {
    if (passed_ && now - *passed_ < interval_) {
      ++held_;
      return std::nullopt;
    }
    passed_ = now;
    return std::exchange(held_, 0);
  }

 private:
  milliseconds interval_;
  std::optional<time_point> passed_;
  std::uint64_t held_ = 0;
};

}  // namespace emostream

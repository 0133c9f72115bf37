#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace emostream {

/// Lets one event per interval pass and counts those suppressed in between, for example to limit repeated log
/// lines. Not thread-safe.
class throttle {
 public:
  explicit throttle(milliseconds interval = milliseconds{1000}) : interval_(interval) {}

  /// Returns the number of events suppressed since the last one that passed, or nullopt if this event is
  /// suppressed. `now` must not decrease.
  [[nodiscard]] std::optional<std::uint64_t> pass(time_point now) {
    if (last_pass_ && now - *last_pass_ < interval_) {
      ++suppressed_;
      return std::nullopt;
    }
    last_pass_ = now;
    return std::exchange(suppressed_, 0);
  }

 private:
  milliseconds interval_;
  std::optional<time_point> last_pass_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace emostream

#pragma once

#include <chrono>

namespace emostream {

/// The clock for deadlines and durations. Protocol code does not read it: engineio is passed the current
/// time, and socketio calls the `now` of its options.
using steady_clock = std::chrono::steady_clock;
using time_point = steady_clock::time_point;
using std::chrono::milliseconds;

/// The clock for timestamps and token lifetimes.
using wall_clock = std::chrono::system_clock;

/// Seconds since the Unix epoch, with fractions, like JavaScript's `Date.now() / 1000`.
inline double unix_seconds(wall_clock::time_point t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

/// A duration as fractional milliseconds.
inline double to_ms(steady_clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace emostream

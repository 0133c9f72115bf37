#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/clock.hpp"
#include "vision/expression/reading.hpp"

namespace emostream::service {

/// A reading as clients see it: smoothed over time, unless the client turned that off.
struct expression {
  vision::reading reading;
  std::size_t dominant = 0;  ///< the label to show
};

struct smoothing_options {
  milliseconds tau{400};        ///< time constant of the average
  double hysteresis = 0.1;      ///< how much stronger another label must be to be shown
  milliseconds lifetime{2000};  ///< of a face that is not seen
};

/// Smooths the expressions of tracked faces over time: an exponential average with the time constant `tau`,
/// whatever the frame rate, and a dominant label that yields only to one that is clearly stronger. One a
/// connection, one thread at a time.
class smoother {
 public:
  explicit smoother(const smoothing_options& options = {}) : options_(options) {}

  /// Returns the smoothed expression of that face after the reading `raw`. `now` must not go backwards.
  expression update(std::uint64_t face_id, const vision::reading& raw, time_point now);
  /// Forgets faces not seen for the lifetime.
  void expire(time_point now);
  void reset() { faces_.clear(); }

 private:
  struct face {
    expression shown;
    time_point seen;
  };
  smoothing_options options_;
  std::map<std::uint64_t, face> faces_;
};

}  // namespace emostream::service

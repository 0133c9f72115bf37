#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "base/clock.hpp"
#include "vision/expression/reading.hpp"

namespace emostream::service {

/// A reading as clients see it: smoothed over time, unless that is turned off or the image is a single one.
struct expression {
  vision::reading reading;
  std::size_t dominant = 0;  ///< the label to show
};

struct smoothing_options {
  milliseconds tau{400};        ///< time constant of the average
  double hysteresis = 0.1;      ///< lead in probability that another label needs to become dominant
  milliseconds lifetime{2000};  ///< after which a face without a reading is forgotten
};

/// Smooths the readings of tracked faces over time: an exponential moving average whose time constant `tau`
/// does not depend on the frame rate, and a dominant label with hysteresis. One per session; not
/// thread-safe.
class smoother {
 public:
  explicit smoother(const smoothing_options& options = {}) : options_(options) {}

  /// Returns the smoothed expression of that face after the reading `raw`. `now` must not go backwards.
  expression update(std::uint64_t face_id, const vision::reading& raw, time_point now);
  /// Forgets faces that were not updated for the lifetime.
  void expire(time_point now);
  void reset() { faces_.clear(); }

 private:
  struct face {
    expression smoothed;
    time_point updated;
  };
  smoothing_options options_;
  std::map<std::uint64_t, face> faces_;
};

}  // namespace emostream::service

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "base/clock.hpp"
#include "vision/face.hpp"

namespace emostream::service {

/// What a face expresses.
struct expression {
  vision::label_scores probabilities;  ///< one a label, sum 1
  float valence = 0;                   ///< -1..1
  float arousal = 0;                   ///< -1..1
  std::size_t dominant = 0;            ///< the label to show
};

/// The label of the largest probability.
std::size_t largest(std::span<const float> probabilities);

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

  /// The expression to show for that face when it has just been measured as `raw` (its `dominant` is not
  /// read). `now` must not go backwards.
  expression update(std::uint64_t face_id, const expression& raw, time_point now);
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

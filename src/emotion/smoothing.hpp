#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.hpp"

namespace emostream::emotion {

/// What a face expresses.
struct expression {
  std::vector<float> probabilities;  ///< one a label, sum 1
  float valence = 0;                 ///< -1..1
  float arousal = 0;                 ///< -1..1
  std::size_t dominant = 0;          ///< the label to show
};

/// The label of the largest probability.
std::size_t largest(const std::vector<float>& probabilities);

/// Smooths the expressions of tracked faces over time: an exponential average with the time constant `tau`,
/// whatever the frame rate, and a dominant label that yields only to one that is clearly stronger. One a
/// connection, one thread at a time.
class smoother {
 public:
  explicit smoother(milliseconds tau = milliseconds{400}, milliseconds lifetime = milliseconds{2000})
      : tau_(tau), lifetime_(lifetime) {}

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
  milliseconds tau_;
  milliseconds lifetime_;
  std::map<std::uint64_t, face> faces_;
};

}  // namespace emostream::emotion

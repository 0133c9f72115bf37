#pragma once

#include <vector>

#include "base/clock.hpp"
#include "vision/detection/detection.hpp"

namespace emostream::vision {

/// The places in the frames of a stream where a closer look found no face, so that not each search looks
/// there again. Use from one thread at a time.
class rejected_places {
 public:
  /// Records that a look at this candidate found no face. The next one is due after `interval`; after each
  /// further look at the same place the interval doubles, up to `max_interval`.
  void add(const detection& candidate, milliseconds interval, time_point now);

  /// Whether no face was found where this candidate is, and no look is due yet. A look is also due if the
  /// detector is more confident than it was.
  [[nodiscard]] bool contains(const detection& candidate, time_point now) const;

  static constexpr milliseconds max_interval{12'000};

 private:
  struct place {
    detection candidate;
    milliseconds interval;
    time_point until;
  };

  std::vector<place> places_;
};

}  // namespace emostream::vision

#pragma once

#include "base/clock.hpp"

namespace emostream::vision {

/// How much of the work on a sender's frames is saved by knowing the frames before.
struct stream_options {
  int detect_every = 10;  ///< frames; in between faces are followed. 1: no face is followed
  milliseconds detect_after{
      1000};  ///< or this time, if it is sooner and nobody waits; half of both without a face
  /// Frames by which the second search comes sooner than that, modulo `detect_every`: a number of its own for
  /// each sender keeps those who began together from being searched all at once, again and again.
  unsigned head_start = 0;
  milliseconds id_lifetime{1500};  ///< of a face that is lost
  milliseconds reuse_for{500};     ///< a face that looks the same keeps its expression for so long; 0: never
};

}  // namespace emostream::vision

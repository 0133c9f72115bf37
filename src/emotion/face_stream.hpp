#pragma once

#include <vector>

#include "base/clock.hpp"
#include "emotion/messages.hpp"
#include "emotion/payload.hpp"
#include "emotion/smoothing.hpp"
#include "vision/tracker.hpp"

namespace emostream::emotion {

/// What one connection's faces look like over time: gives the faces of each frame their ids and smooths what
/// they express. One a connection, one thread at a time.
class face_stream {
 public:
  /// The faces of the next frame, which came at `received` (must not go backwards). They point into
  /// `analysis`.
  std::vector<face_report> update(const vision::analysis& analysis, const session_config& config,
                                  time_point received);
  /// The next frame has nothing to do with the last. Ids are not given again nevertheless.
  void restart() { smoother_.reset(); }

 private:
  vision::tracker tracker_;
  smoother smoother_;
};

}  // namespace emostream::emotion

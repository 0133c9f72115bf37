#pragma once

#include <vector>

#include "base/clock.hpp"
#include "service/messages.hpp"
#include "service/payload.hpp"
#include "service/smoothing.hpp"

namespace emostream::service {

/// Builds the reports of the faces in a client's frames, with expressions that are smoothed if the config
/// says so. One per session; not thread-safe.
class face_reporter {
 public:
  explicit face_reporter(const smoothing_options& options) : smoother_(options) {}

  /// Returns reports of the faces of the next frame, which was received at `received` (must not go
  /// backwards). They point into `analysis`.
  std::vector<face_report> update(const vision::analysis& analysis, const session_config& config,
                                  time_point received);
  /// Forgets all faces.
  void reset() { smoother_.reset(); }

 private:
  smoother smoother_;
};

}  // namespace emostream::service

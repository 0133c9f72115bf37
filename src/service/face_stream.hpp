#pragma once

#include <vector>

#include "base/clock.hpp"
#include "service/messages.hpp"
#include "service/payload.hpp"
#include "service/smoothing.hpp"

namespace emostream::service {

/// What one connection's faces express over time, smoothed. One a connection, one thread at a time.
class face_stream {
 public:
  explicit face_stream(const smoothing_options& options) : smoother_(options) {}

  /// The faces of the next frame, which came at `received` (must not go backwards). They point into
  /// `analysis`.
  std::vector<face_report> update(const vision::analysis& analysis, const session_config& config,
                                  time_point received);
  /// The next frame has nothing to do with the last.
  void restart() { smoother_.reset(); }

 private:
  smoother smoother_;
};

}  // namespace emostream::service

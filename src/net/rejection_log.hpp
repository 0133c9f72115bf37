#pragma once

#include <map>
#include <string_view>

#include "base/throttle.hpp"

namespace emostream::net {

/// Logs rejected clients, rate-limited to about one line per second and reason.
class rejection_log {
 public:
  /// `reason` must have static storage.
  void log(std::string_view reason, std::string_view address);

 private:
  std::map<std::string_view, throttle> throttles_;  // by reason
};

}  // namespace emostream::net

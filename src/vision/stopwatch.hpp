#pragma once

#include <chrono>

namespace emostream::vision {

/// Measures consecutive stages.
class stopwatch {
 public:
  /// Since the last lap, ms.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> passed = now - last_;
    last_ = now;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace emostream::vision

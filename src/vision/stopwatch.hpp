#pragma once

#include <chrono>

namespace emostream::vision {

/// Measures the duration of consecutive stages. Starts when it is constructed.
class stopwatch {
 public:
  /// Returns the time since the previous lap, ms.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double, std::milli> elapsed = now - last_;
    last_ = now;
    return elapsed.count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace emostream::vision

#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::cli {

/// Shows the progress of a task of many similar steps and the estimated time left: on a terminal as a bar
/// that is redrawn up to ten times a second, elsewhere as a line every ten seconds, to keep logs short. Not
/// thread-safe.
class progress {
 public:
  using writer = std::function<void(std::string_view)>;
  using clock_function = std::function<time_point()>;

  progress(std::size_t total, bool terminal, writer write, clock_function now = steady_clock::now);
  /// Erases the bar.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// Call after each step.
  void advance();

 private:
  void show(time_point now);

  std::size_t total_;
  bool terminal_;
  writer write_;
  clock_function now_;
  time_point started_;
  time_point last_shown_;
  std::size_t done_ = 0;
  bool drawn_ = false;
};

}  // namespace emostream::cli

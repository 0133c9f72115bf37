#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::cli {

/// Tells how far a work of many like parts is and how long it will still take: on a terminal a bar that is
/// drawn anew ten times a second, elsewhere a line every ten seconds, so that a log stays short. Not
/// thread-safe.
class progress {
 public:
  using writer = std::function<void(std::string_view)>;
  using clock_function = std::function<time_point()>;

  progress(std::size_t total, bool terminal, writer write, clock_function now = steady_clock::now);
  /// Takes the bar away.
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  /// One more is done.
  void advance();

 private:
  void show(time_point now);

  std::size_t total_;
  bool terminal_;
  writer write_;
  clock_function now_;
  time_point begun_;
  time_point shown_;
  std::size_t done_ = 0;
  bool drawn_ = false;
};

}  // namespace emostream::cli

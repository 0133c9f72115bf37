#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/json/object.hpp>
#include <sys/types.h>

namespace emostream::bench {

using seconds = std::chrono::duration<double>;

/// The server, and for how long to look at it.
struct target {
  std::uint16_t port = 0;
  pid_t pid = 0;
  seconds warm_up{0.3};
  seconds measured{2};
};

struct echo_load {
  bool binary = false;
  std::size_t bytes = 64;
  std::size_t connections = 64;
  /// Events a second, at random times, latency counted from when each was due, so that a server that stalls
  /// does not slow down who measures it. 0: each connection sends again as soon as it has its answer.
  double rate = 0;
};

struct broadcast_load {
  std::size_t bytes = 64;
  std::size_t connections = 1000;  ///< the first sends, all receive; then it sends again
};

struct idle_load {
  std::size_t connections = 10'000;
  std::size_t at_once = 64;  ///< between SYN and CONNECT's answer
  seconds settle{2};         ///< before memory is looked at
};

/// Each runs one measurement and returns its figures. Throws std::exception if it is not valid.
boost::json::object run(const target& t, const echo_load& load);
boost::json::object run(const target& t, const broadcast_load& load);
boost::json::object run(const target& t, const idle_load& load);

}  // namespace emostream::bench

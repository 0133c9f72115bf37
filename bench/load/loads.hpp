#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

/// Cameras of the emotion service (docs/api.md), which send on whatever pace the server advises.
struct camera_load {
  std::string path = "/ws/socket.io/";
  std::string name_space = "/emotion-detection";
  std::vector<std::string> images;  ///< files; each camera sends all of them in turn
  std::vector<std::string> tokens;  ///< of the accounts that the cameras are shared out to
  std::size_t clients = 4;
  /// Frames a second of each, from a random moment on, latency counted from when each was due. 0: each camera
  /// sends again as soon as it knows what became of its last one.
  double fps = 0;
  double greedy_fps = 0;  ///< of one camera more
  bool answers = false;   ///< instead: one camera sends each image once, and what it is answered is returned
};

/// Each runs one measurement and returns its figures. Throws std::exception if it is not valid.
boost::json::object run(const target& t, const echo_load& load);
boost::json::object run(const target& t, const broadcast_load& load);
boost::json::object run(const target& t, const idle_load& load);
boost::json::object run(const target& t, const camera_load& load);

}  // namespace emostream::bench

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

/// The server, and the durations of the warm-up and the measurement.
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
  /// Events per second over all connections, at random times that do not depend on the answers; latency is
  /// measured from the scheduled time, so that it includes the delays that a stall causes (no coordinated
  /// omission). 0: each connection sends again when it has received its answer.
  double rate = 0;
};

struct broadcast_load {
  std::size_t bytes = 64;
  std::size_t connections = 1000;  ///< the first sends; when all have received, it sends again
};

struct idle_load {
  std::size_t connections = 10'000;
  std::size_t max_connecting = 64;  ///< connections being established concurrently
  seconds settle{2};                ///< wait before memory is measured
};

/// Cameras of the emotion service (docs/api.md), which ignore the rate that the server advises.
struct camera_load {
  std::string path = "/ws/socket.io/";
  std::string name_space = "/emotion-detection";
  std::vector<std::string> images;  ///< files, which each camera sends in turn
  /// Number of scenes. The images are those of the first scene, then as many of the second, and so on; camera
  /// i shows scene i modulo `scenes`.
  std::size_t scenes = 1;
  std::vector<std::string> tokens;  ///< one per account; the cameras are distributed over them
  std::size_t clients = 4;
  /// Frames per second of each camera, with a random phase; latency is measured from the scheduled time. 0:
  /// each camera sends again when its previous frame is answered.
  double fps = 0;
  double greedy_fps = 0;  ///< frames per second of one additional camera; 0: no such camera
  bool answers = false;   ///< only return the results of each image, sent once by one camera
};

/// Runs one measurement and returns its figures, or only `saturated` if the server does not keep up with
/// echo_load::rate. Throws std::exception if the measurement is not valid.
boost::json::object run(const target& t, const echo_load& load);
boost::json::object run(const target& t, const broadcast_load& load);
boost::json::object run(const target& t, const idle_load& load);
boost::json::object run(const target& t, const camera_load& load);

}  // namespace emostream::bench

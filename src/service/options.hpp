#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "service/accounts.hpp"
#include "service/pace.hpp"
#include "service/smoothing.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::service {

/// What a client may do, and what it gets that says nothing.
struct options {
  account_limits account{};
  vision::image_limits image{};    ///< of a frame; also reported to clients
  double max_fps = 10;             ///< of a connection, on average
  int burst = 3;                   ///< frames at once
  int max_bad_frames = 5;          ///< in a row; then the connection is ended
  std::size_t max_rooms = 10'000;  ///< with members here, all together
  std::size_t max_rooms_per_session = 16;
  double min_confidence = 0.5;                    ///< of a face, unless the client says otherwise
  std::size_t max_bytes_in_flight = 256'000'000;  ///< of images waiting and in work, all together
  std::chrono::seconds idle_timeout{300};         ///< without an event of the client; 0: none
  pace_options pace{};
  smoothing_options smoothing{};
};

/// Who computes, as clients are told.
struct model_info {
  std::string detector;
  std::string classifier;
  std::vector<std::string> labels;  ///< in the order of vision::face::probabilities
};

/// Where the time comes from.
struct clocks {
  std::function<time_point()> steady = &steady_clock::now;
  std::function<wall_clock::time_point()> wall = &wall_clock::now;
};

}  // namespace emostream::service

#pragma once

#include <chrono>
#include <cstddef>

#include "service/accounts.hpp"
#include "service/rate_advisor.hpp"
#include "service/smoothing.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::service {

/// Limits of accounts, connections and rooms, and the defaults for clients that configure nothing.
struct service_options {
  account_limits account{};
  vision::image_limits image{};    ///< of a frame; also reported to clients
  double max_fps = 10;             ///< of a connection, on average
  int burst = 3;                   ///< frames of a connection at once
  int max_bad_frames = 5;          ///< consecutive invalid frames after which a client is disconnected
  std::size_t max_rooms = 10'000;  ///< with members, over all connections
  std::size_t max_rooms_per_session = 16;
  double min_confidence = 0.5;                    ///< default for a face to be reported
  std::size_t max_bytes_in_flight = 256'000'000;  ///< of images waiting or processed, over all connections
  std::chrono::seconds idle_timeout{300};         ///< without an event or a result in its rooms; 0: unlimited
  rate_advisor_options rate_advisor{};
  smoothing_options smoothing{};
};

}  // namespace emostream::service

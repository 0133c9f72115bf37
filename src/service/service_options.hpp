#pragma once

#include <chrono>
#include <cstddef>

#include "service/accounts.hpp"
#include "service/rate_advisor.hpp"
#include "service/smoothing.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::service {

/// Which rooms a client may join whose token has no `rooms` claim.
enum class room_policy {
  open,    ///< any room, as any role: whoever knows the name of a room sees its results
  claimed  ///< none
};

/// Limits of accounts, connections and rooms, and the defaults for clients that configure nothing.
struct service_options {
  account_limits account{};
  /// Of a frame; also reported to clients.
  vision::image_limits image{.names = {.max_bytes = "frames.max_bytes",
                                       .max_pixels = "frames.max_width × frames.max_height",
                                       .max_memory = {}}};
  /// Of an image that is sent as one HTTP request.
  vision::image_limits http_image{.max_bytes = 25'000'000,
                                  .max_pixels = 51'000'000,
                                  .max_decoded_pixels = vision::max_photo_pixels,
                                  .max_memory = 200'000'000,
                                  .names = {.max_bytes = "http.max_image_bytes",
                                            .max_pixels = "http.max_pixels",
                                            .max_memory = "http.max_memory_bytes"}};
  double max_events = 50;  ///< of a connection, other than frames, per second on average
  int event_burst = 200;   ///< of these at once
  /// Events over these rates, per second on average and at once; more of them disconnect the client.
  double max_rejected_events = 10;
  int rejected_event_burst = 500;
  double max_fps = 10;     ///< frames per second of a connection, on average
  int burst = 3;           ///< frames of a connection at once
  int max_bad_frames = 5;  ///< consecutive invalid frames that disconnect a client; empty ones do not count
  std::size_t max_rooms = 10'000;  ///< with members, over all connections
  std::size_t max_rooms_per_session = 16;
  room_policy rooms = room_policy::open;
  bool explain_token_errors = false;  ///< tell clients why their token is rejected, for development
  double min_confidence = 0.5;        ///< default for a face to be reported
  std::size_t max_bytes_in_flight = 256'000'000;  ///< of images waiting or processed, over all connections
  std::chrono::seconds idle_timeout{300};         ///< without an event or a result in its rooms; 0: unlimited
  rate_advisor_options rate_advisor{};
  smoothing_options smoothing{};
};

}  // namespace emostream::service

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/throttle.hpp"
#include "pipeline/frame_queue.hpp"
#include "service/clocks.hpp"
#include "service/frame_budget.hpp"
#include "service/in_flight_counter.hpp"
#include "service/io_mailbox.hpp"
#include "service/request_error.hpp"
#include "service/room_registry.hpp"
#include "service/service_counters.hpp"
#include "service/service_options.hpp"
#include "vision/models/model_info.hpp"

namespace emostream::service {

/// The state that all sessions of an emotion_service share; owned jointly by the service, its sessions and
/// their frames in flight. I/O thread only, except for `post` and `queue`.
struct shared_state {
  shared_state(service_options o, vision::model_info m, clocks c, post_function p, pipeline::frame_queue& q,
               analyzer_factory factory, std::chrono::seconds leeway)
      : options(o),
        model(std::move(m)),
        clock(std::move(c)),
        post(std::move(p)),
        queue(q),
        make_analyzer(std::move(factory)),
        token_leeway(leeway),
        rooms(options.max_rooms),
        budget(options.max_bytes_in_flight) {}

  const service_options options;
  const vision::model_info model;
  const clocks clock;
  const post_function post;
  pipeline::frame_queue& queue;
  const analyzer_factory make_analyzer;
  const std::chrono::seconds token_leeway;

  room_registry rooms;
  frame_budget budget;
  service_counters counters;
  in_flight_counter in_flight;
  std::map<std::string_view, throttle> log_throttles;  ///< by reason; the keys are constants
  bool draining = false;

  /// Charges a frame of `bytes` bytes to the account's rates, then reserves budget for it. Returns an error
  /// if a rate or the budget is exceeded; if it is the budget, the frame stays charged. Used for frames of
  /// Socket.IO and images of HTTP requests.
  [[nodiscard]] or_error<frame_budget::reservation> admit_frame(account& sender, std::size_t bytes,
                                                                time_point now);

  /// Rate-limits log lines to about one per second and reason, so that a flood of rejected requests does not
  /// flood the log. Returns the number of lines suppressed since the last logged one, or nullopt to log
  /// nothing.
  [[nodiscard]] std::optional<std::uint64_t> may_log(std::string_view reason) {
    return log_throttles[reason].pass(clock.steady());
  }
};

}  // namespace emostream::service

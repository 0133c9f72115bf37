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
#include "service/frame_budget.hpp"
#include "service/options.hpp"
#include "service/problem.hpp"
#include "service/rooms.hpp"
#include "service/totals.hpp"

namespace emostream::service {

/// Runs a task on the I/O thread; may be called from any thread.
using post_function = std::function<void(std::move_only_function<void()>)>;

/// Makes what analyzes the frames of one connection, for its lane.
using stream_opener = std::function<pipeline::frame_queue::analyze_function()>;

/// What the sessions of an application share. I/O thread only, but for `post` and `queue`. Sessions and
/// frames in work share its ownership.
struct services {
  services(options o, model_info m, clocks c, post_function p, pipeline::frame_queue& q, stream_opener open,
           std::chrono::seconds leeway)
      : limits(o),
        model(std::move(m)),
        clock(std::move(c)),
        post(std::move(p)),
        queue(q),
        open_stream(std::move(open)),
        token_leeway(leeway),
        rooms(limits.max_rooms),
        budget(limits.max_bytes_in_flight) {}

  const options limits;
  const model_info model;
  const clocks clock;
  const post_function post;
  pipeline::frame_queue& queue;
  const stream_opener open_stream;
  const std::chrono::seconds token_leeway;

  room_registry rooms;
  frame_budget budget;
  totals counters;
  std::map<std::string_view, throttle> lines;  ///< by kind; their words are constants
  bool draining = false;
  std::size_t frames_in_work = 0;
  std::move_only_function<void()> on_idle;  ///< called, once, when no frame is in work

  /// Lets a frame of so many bytes in, for as long as the share lives, or says why not: what all ways in
  /// have in common.
  [[nodiscard]] expected<frame_budget::share> admit_frame(account& of, std::size_t bytes, time_point now);

  /// Whether a line of that kind may be logged now, and how many were not since the last: about one a second,
  /// so that a flood of what is refused is none of lines.
  [[nodiscard]] std::optional<std::uint64_t> may_log(std::string_view kind) {
    return lines[kind].pass(clock.steady());
  }

  void frame_done() {
    --frames_in_work;
    tell_if_idle();
  }
  void tell_if_idle() {
    if (frames_in_work == 0 && on_idle) std::exchange(on_idle, nullptr)();
  }
};

}  // namespace emostream::service

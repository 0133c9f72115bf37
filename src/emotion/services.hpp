#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "emotion/options.hpp"
#include "emotion/rooms.hpp"
#include "pipeline/frame_queue.hpp"

namespace emostream::emotion {

/// Runs a task on the I/O thread; may be called from any thread.
using post_function = std::function<void(std::move_only_function<void()>)>;

/// Makes what analyzes the frames of one connection, for its lane.
using stream_opener = std::function<pipeline::frame_queue::analyze_function()>;

/// What happened since the start.
struct totals {
  std::uint64_t connections = 0;
  std::uint64_t refused_connections = 0;
  std::uint64_t frames = 0;        ///< received
  std::uint64_t results = 0;       ///< sent, each once however many hear it
  std::uint64_t bad_frames = 0;    ///< not a payload or an image that we take
  std::uint64_t rate_limited = 0;  ///< frames
  std::uint64_t errors = 0;        ///< error_message events
};

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
        rooms(limits.max_rooms) {}

  const options limits;
  const model_info model;
  const clocks clock;
  const post_function post;
  pipeline::frame_queue& queue;
  const stream_opener open_stream;
  const std::chrono::seconds token_leeway;

  room_registry rooms;
  totals counters;
  bool draining = false;
  std::size_t frames_in_work = 0;
  std::move_only_function<void()> on_idle;  ///< called, once, when no frame is in work

  void frame_done() {
    --frames_in_work;
    tell_if_idle();
  }
  void tell_if_idle() {
    if (frames_in_work == 0 && on_idle) std::exchange(on_idle, nullptr)();
  }
};

}  // namespace emostream::emotion

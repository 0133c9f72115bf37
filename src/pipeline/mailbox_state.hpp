#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "pipeline/frame_queue.hpp"
#include "pipeline/worker_share.hpp"

namespace emostream::pipeline {

/// The mailbox of one client, shared by frame_queue::mailbox and the workers.
struct mailbox_state {
  mailbox_state(std::shared_ptr<worker_share> s, frame_queue::analyze_function a, frame_queue::listener l,
                time_point opened)
      : share(std::move(s)), analyze(std::move(a)), on_outcome(std::move(l)), last_served(opened) {}

  const std::shared_ptr<worker_share> share;
  frame_queue::analyze_function analyze;  ///< called only by the worker that holds the mailbox
  const frame_queue::listener on_outcome;

  // Guarded by the queue's mutex:
  std::optional<frame> waiting;
  /// Time between the last replaced frame and the one that replaced it; 0 if no frame was replaced yet.
  steady_clock::duration replacement_interval{};
  time_point last_served;      ///< when a worker took the last frame that was not stale
  std::uint64_t sequence = 0;  ///< order of queuing; breaks ties of last_served
  bool queued = false;         ///< in a serving_order
  bool busy = false;           ///< a worker is processing a frame of this mailbox
  double charged_ms = 0;       ///< estimated worker time of this frame
};

}  // namespace emostream::pipeline

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"

namespace emostream::pipeline {

struct mailbox_state;

/// The worker time used by one account. All mailboxes of the account are opened with it, in one queue. Its
/// members are private to serving_order, and guarded by the queue's mutex.
class worker_share {
  friend class serving_order;

  /// Worker time charged so far, in ms; see serving_order.
  double used_ms_ = 0;
  double unsettled_ms_ = 0;     ///< to be added to used_ms_ when the share is next on top of the heap
  double estimate_ms_ = 0;      ///< worker time of the next frame: a moving average
  time_point last_served_;      ///< when a worker took the last frame that was not stale
  std::uint64_t sequence_ = 0;  ///< order of queuing; breaks ties of last_served_
  bool queued_ = false;
  /// A heap of the mailboxes that are queued; the next to serve is on top.
  std::vector<std::shared_ptr<mailbox_state>> mailboxes_;
};

}  // namespace emostream::pipeline

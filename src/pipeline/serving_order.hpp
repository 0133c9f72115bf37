#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "pipeline/mailbox_state.hpp"
#include "pipeline/worker_share.hpp"

namespace emostream::pipeline {

/// The mailboxes that have a waiting frame and are not busy, in the order in which workers serve them: the
/// share that has used the least worker time first, and of its mailboxes the one served longest ago. A
/// mailbox that expects a newer frame yields to others, of shares that have used about as much (ADR 22, ADR
/// 23). Not thread-safe.
///
/// The time of shares is that of start-time fair queueing (Goyal, Vin and Cheng 1996): a share that had no
/// frame is charged as much as the share served last, so that it can neither save up time nor be in debt for
/// what it used while nobody else waited.
class serving_order {
 public:
  explicit serving_order(const queue_options& options) : options_(options) {}
  /// Removes the mailboxes that are still queued from their shares: a share and its queued mailboxes refer to
  /// each other.
  ~serving_order();
  serving_order(const serving_order&) = delete;
  serving_order& operator=(const serving_order&) = delete;

  [[nodiscard]] bool empty() const { return shares_.empty(); }

  /// Adds a mailbox that has a waiting frame and is not queued.
  void push(const std::shared_ptr<mailbox_state>& box);

  /// Removes and returns the next mailbox to serve, and charges its share with an estimate of the worker time
  /// unless the frame is stale. Null if the frames of all mailboxes were cancelled.
  [[nodiscard]] std::shared_ptr<mailbox_state> pop(time_point now);

  /// Replaces the estimate that was charged for the frame of a mailbox by the time that it took.
  static void settle(mailbox_state& box, double actual_ms);

  [[nodiscard]] bool is_stale(const frame& f, time_point now) const {
    return now - f.received > options_.deadline;
  }

 private:
  struct later_share;

  [[nodiscard]] bool expects_newer_frame(const mailbox_state& box, time_point now) const;
  std::shared_ptr<mailbox_state> pop_from(worker_share& share, time_point now);
  std::shared_ptr<mailbox_state> choose_skipped();
  void charge(mailbox_state& box, time_point now);

  const queue_options options_;
  std::vector<std::shared_ptr<worker_share>> shares_;    ///< a heap of the shares with a queued mailbox
  std::vector<std::shared_ptr<worker_share>> examined_;  ///< scratch buffer of pop()
  std::vector<std::shared_ptr<mailbox_state>> skipped_;  ///< scratch buffer of pop()
  double virtual_ms_ = 0;  ///< what the share served last had been charged before
  std::uint64_t last_sequence_ = 0;
};

}  // namespace emostream::pipeline

#include "pipeline/serving_order.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>

namespace emostream::pipeline {

namespace {

constexpr std::size_t max_skipped = 128;  // bounds the time under the queue's mutex

template <class T, class Later>
void push_to(std::vector<std::shared_ptr<T>>& heap, std::shared_ptr<T> entry, Later later) {
  heap.push_back(std::move(entry));
  std::ranges::push_heap(heap, later);
}

template <class T, class Later>
std::shared_ptr<T> pop_from_heap(std::vector<std::shared_ptr<T>>& heap, Later later) {
  std::ranges::pop_heap(heap, later);
  auto entry = std::move(heap.back());
  heap.pop_back();
  return entry;
}

bool is_served_later(const std::shared_ptr<mailbox_state>& a, const std::shared_ptr<mailbox_state>& b) {
  return std::tie(a->last_served, a->sequence) > std::tie(b->last_served, b->sequence);
}

}  // namespace

/// Compares shares for their heap.
struct serving_order::later_share {
  bool operator()(const std::shared_ptr<worker_share>& a, const std::shared_ptr<worker_share>& b) const {
    return std::tie(a->used_ms_, a->last_served_, a->sequence_) >
           std::tie(b->used_ms_, b->last_served_, b->sequence_);
  }
};

serving_order::~serving_order() {
  for (const auto& share : shares_) share->mailboxes_.clear();
}

void serving_order::push(const std::shared_ptr<mailbox_state>& box) {
  worker_share& share = *box->share;
  box->queued = true;
  box->sequence = ++last_sequence_;
  push_to(share.mailboxes_, box, is_served_later);
  if (std::exchange(share.queued_, true)) return;
  share.used_ms_ = std::max(share.used_ms_ + std::exchange(share.unsettled_ms_, 0), virtual_ms_);
  share.sequence_ = last_sequence_;
  push_to(shares_, box->share, later_share());
}

std::shared_ptr<mailbox_state> serving_order::pop(time_point now) {
  std::shared_ptr<mailbox_state> chosen;
  double limit_ms = std::numeric_limits<double>::infinity();
  while (!chosen && !shares_.empty() && skipped_.size() < max_skipped) {
    // A share yields only to shares that have used about as much, or it would never get its part.
    if (shares_.front()->used_ms_ > limit_ms) break;
    auto share = pop_from_heap(shares_, later_share());
    if (const double difference = std::exchange(share->unsettled_ms_, 0); difference != 0) {
      share->used_ms_ += difference;
      push_to(shares_, std::move(share), later_share());
      continue;
    }
    chosen = pop_from(*share, now);
    limit_ms = std::min(limit_ms, share->used_ms_ + share->estimate_ms_);
    examined_.push_back(std::move(share));
  }
  if (!chosen) chosen = choose_skipped();
  if (chosen) {
    chosen->queued = false;
    if (!is_stale(*chosen->waiting, now)) charge(*chosen, now);
  }
  for (auto& box : skipped_) {
    auto& mailboxes = box->share->mailboxes_;
    push_to(mailboxes, std::move(box), is_served_later);
  }
  skipped_.clear();
  for (auto& share : examined_) {
    share->queued_ = !share->mailboxes_.empty();
    if (share->queued_) push_to(shares_, std::move(share), later_share());
  }
  examined_.clear();
  return chosen;
}

/// Removes and returns the share's first mailbox that does not expect a newer frame; null if there is none.
/// Moves the mailboxes before it to `skipped_`.
std::shared_ptr<mailbox_state> serving_order::pop_from(worker_share& share, time_point now) {
  while (!share.mailboxes_.empty() && skipped_.size() < max_skipped) {
    auto box = pop_from_heap(share.mailboxes_, is_served_later);
    if (!box->waiting)
      box->queued = false;  // its frame was cancelled
    else if (expects_newer_frame(*box, now))
      skipped_.push_back(std::move(box));
    else
      return box;
  }
  return nullptr;
}

/// Removes and returns the mailbox to serve if all examined ones expect a newer frame; null if there are
/// none. For fairness, only the half that is first in the order is considered. Of these the youngest frame is
/// taken: the senders of the older ones will replace them sooner.
std::shared_ptr<mailbox_state> serving_order::choose_skipped() {
  if (skipped_.empty()) return nullptr;
  const auto half = static_cast<std::ptrdiff_t>((skipped_.size() + 1) / 2);
  const auto youngest = std::ranges::max_element(skipped_.begin(), skipped_.begin() + half, {},
                                                 [](const auto& box) { return box->waiting->received; });
  auto chosen = std::move(*youngest);
  skipped_.erase(youngest);
  return chosen;
}

/// True if the waiting frame is not fresh and its sender is expected to replace it soon. False if the sender
/// waits for each outcome, has paused, or sends at intervals longer than the deadline; also for a stale
/// frame, so that a worker takes and drops it.
bool serving_order::expects_newer_frame(const mailbox_state& box, time_point now) const {
  const auto age = now - box.waiting->received;
  return box.replacement_interval < options_.deadline && age > options_.max_fresh_age &&
         !is_stale(*box.waiting, now) && age < 2 * box.replacement_interval;
}

void serving_order::charge(mailbox_state& box, time_point now) {
  worker_share& share = *box.share;
  box.last_served = now;
  share.last_served_ = now;
  virtual_ms_ = std::max(virtual_ms_, share.used_ms_);
  box.charged_ms = share.estimate_ms_;
  share.used_ms_ += share.estimate_ms_;
}

void serving_order::settle(mailbox_state& box, double actual_ms) {
  constexpr double weight = 0.25;  // of a frame in the moving average
  worker_share& share = *box.share;
  share.unsettled_ms_ += actual_ms - box.charged_ms;
  share.estimate_ms_ += weight * (actual_ms - share.estimate_ms_);
}

}  // namespace emostream::pipeline

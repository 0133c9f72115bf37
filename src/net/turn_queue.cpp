#include "net/turn_queue.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace emostream::net {

void turn_queue::add(share& s, turn t) {
  s.used_ = std::max(s.used_, virtual_time_);
  push({&s, ++last_sequence_, std::move(t)});
  if (!collecting_) schedule();
}

/// Runs later, after the handlers that are waiting now.
void turn_queue::schedule() {
  if (std::exchange(scheduled_, true)) return;
  asio::post(executor_, [this] {
    scheduled_ = false;
    run();
  });
}

void turn_queue::push(entry e) {
  waiting_.push_back(std::move(e));
  std::ranges::push_heap(waiting_, is_later);
}

/// Takes turns; after max_turn it lets other handlers run first.
void turn_queue::run() {
  if (waiting_.empty()) return;
  const time_point began = now_();
  turn_began_ = began;
  while (!waiting_.empty() && turn_began_ - began < max_turn) {
    std::ranges::pop_heap(waiting_, is_later);
    entry e = std::move(waiting_.back());
    waiting_.pop_back();
    virtual_time_ = e.owner->used_;
    const bool more = e.next();
    const time_point ended = now_();
    e.owner->used_ += ended - turn_began_;
    turn_began_ = ended;
    if (!more) continue;
    e.sequence = ++last_sequence_;
    push(std::move(e));
  }
  if (!waiting_.empty()) schedule();
}

}  // namespace emostream::net

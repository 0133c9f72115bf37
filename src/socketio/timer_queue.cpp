#include "socketio/timer_queue.hpp"

namespace emostream::socketio {

void timer_queue::guard::cancel() {
  if (auto* queue = std::exchange(queue_, nullptr)) queue->tasks_.erase(key_);
}

timer_queue::guard timer_queue::add(time_point when, task run) {
  const bool earliest = tasks_.empty() || when < tasks_.begin()->first.first;
  const key k{when, added_++};
  tasks_.emplace(k, std::move(run));
  if (earliest && on_earlier_deadline_) on_earlier_deadline_(when);
  return {*this, k};
}

std::optional<time_point> timer_queue::next() const {
  if (tasks_.empty()) return std::nullopt;
  return tasks_.begin()->first.first;
}

void timer_queue::run(time_point now) {
  while (!tasks_.empty() && tasks_.begin()->first.first <= now) {
    auto due = tasks_.extract(tasks_.begin());
    due.mapped()();
  }
}

}  // namespace emostream::socketio

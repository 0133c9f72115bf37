#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace emostream::service {

/// Counts the frames that were submitted and not yet answered, so that a drain can wait for them. I/O thread
/// only.
class in_flight_counter {
 public:
  void add() { ++count_; }
  void remove() {
    --count_;
    notify_if_idle();
  }
  [[nodiscard]] std::size_t count() const { return count_; }

  /// Calls `done` once the count is 0: immediately if it is 0 already. Replaces the callback of an earlier
  /// call.
  void when_idle(std::move_only_function<void()> done) {
    on_idle_ = std::move(done);
    notify_if_idle();
  }

 private:
  void notify_if_idle() {
    if (count_ == 0 && on_idle_) std::exchange(on_idle_, nullptr)();
  }
  std::size_t count_ = 0;
  std::move_only_function<void()> on_idle_;
};

}  // namespace emostream::service

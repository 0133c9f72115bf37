#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace emostream::socketio {

/// Deadlines in order of time. Arms nothing: whoever owns it asks for next() and calls run() then. I/O thread
/// only.
class timer_queue {
  using key = std::pair<time_point, std::uint64_t>;

 public:
  using task = std::move_only_function<void()>;

  /// Withdraws its deadline when it goes; the queue must outlive it.
  class guard {
   public:
    guard() = default;
    guard(guard&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), key_(other.key_) {}
    guard& operator=(guard&& other) noexcept {
      std::swap(queue_, other.queue_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~guard() { cancel(); }
    void cancel();
    /// False if it never guarded a deadline, or cancelled it; what has run is not withdrawn.
    explicit operator bool() const { return queue_ != nullptr; }

   private:
    friend class timer_queue;
    guard(timer_queue* queue, key k) : queue_(queue), key_(k) {}

    timer_queue* queue_ = nullptr;
    key key_;
  };

  /// `earlier`, if any, is called when next() has moved to an earlier time.
  explicit timer_queue(std::function<void(time_point)> earlier = {}) : earlier_(std::move(earlier)) {}
  /// A task may hold guards, its own among them.
  ~timer_queue() { std::exchange(tasks_, {}); }
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;

  [[nodiscard]] guard add(time_point when, task run);
  [[nodiscard]] std::optional<time_point> next() const;
  /// Runs what is due at `now`, in order; a task may add and cancel others.
  void run(time_point now);

 private:
  std::function<void(time_point)> earlier_;
  std::map<key, task> tasks_;
  std::uint64_t added_ = 0;
};

}  // namespace emostream::socketio

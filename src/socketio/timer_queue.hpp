#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/clock.hpp"

namespace emostream::socketio {

/// Tasks ordered by deadline. Sets no system timer: its owner calls run() at next(). I/O thread only.
class timer_queue {
  using key = std::pair<time_point, std::uint64_t>;

 public:
  using task = std::move_only_function<void()>;

  /// Cancels its task when destroyed. The queue must outlive it.
  class guard {
   public:
    guard() = default;
    /// Called by timer_queue::add().
    guard(timer_queue& queue, key k) : queue_(&queue), key_(k) {}
    guard(guard&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)), key_(std::move(other.key_)) {}
    guard& operator=(guard&& other) noexcept {
      std::swap(queue_, other.queue_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~guard() { cancel(); }
    void cancel();
    /// True if it was given a task and not cancelled; stays true after the task has run.
    explicit operator bool() const { return queue_ != nullptr; }

   private:
    timer_queue* queue_ = nullptr;
    key key_;
  };

  /// `on_earlier_deadline`, if set, is called when next() becomes earlier.
  explicit timer_queue(std::function<void(time_point)> on_earlier_deadline = {})
      : on_earlier_deadline_(std::move(on_earlier_deadline)) {}
  /// Tasks may own guards of this queue, including their own, so tasks_ must be empty while they are
  /// destroyed.
  ~timer_queue() { std::exchange(tasks_, {}); }
  timer_queue(const timer_queue&) = delete;
  timer_queue& operator=(const timer_queue&) = delete;

  [[nodiscard]] guard add(time_point when, task run);
  [[nodiscard]] std::optional<time_point> next() const;
  /// Runs the tasks that are due at `now`, in order; they may add and cancel tasks.
  void run(time_point now);

 private:
  std::function<void(time_point)> on_earlier_deadline_;
  std::map<key, task> tasks_;
  std::uint64_t added_ = 0;  ///< tasks added so far; orders those with the same deadline
};

}  // namespace emostream::socketio

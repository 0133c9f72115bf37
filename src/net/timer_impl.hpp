#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/guarded.hpp"
#include "net/asio.hpp"
#include "net/timer.hpp"

namespace emostream::net {

struct timer::impl {
  /// Shared by the timer and its pending wait.
  struct state {
    state(const executor& ex, std::move_only_function<void()> t) : wait(ex), task(std::move(t)) {}
    steady_timer wait;
    std::move_only_function<void()> task;  // null once run or cancelled
  };

  impl(const executor& ex, time_point when, std::move_only_function<void()> task)
      : shared(std::make_shared<state>(ex, std::move(task))) {
    shared->wait.expires_at(when);
    shared->wait.async_wait([s = shared](error_code ec) {
      if (auto run = std::exchange(s->task, nullptr); run && !ec) guarded("a timer's task", [&] { run(); });
    });
  }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    shared->task = nullptr;
    shared->wait.cancel();
  }

  std::shared_ptr<state> shared;
};

}  // namespace emostream::net

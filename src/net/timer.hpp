#pragma once

#include <memory>

namespace emostream::net {

/// A call scheduled with http_server::call_at() or call_after(). Destroying the timer, or cancel(), cancels
/// the call. I/O thread only; a timer must not outlive the server.
class timer {
 public:
  struct impl;

  timer() noexcept;
  explicit timer(std::unique_ptr<impl> i) noexcept;
  timer(timer&&) noexcept;
  timer& operator=(timer&&) noexcept;
  ~timer();

  void cancel();

 private:
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net

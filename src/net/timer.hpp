#pragma once

#include <memory>

namespace emostream::net {

/// A call that http_server::call_at() or call_after() has in store; destroying the handle, or cancel(), takes
/// it back: the function is then never called. I/O thread only; the handle must not outlive the
/// server.
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

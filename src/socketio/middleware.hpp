#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

namespace emostream::socketio {

struct event;
class socket;

/// Why a connection to a namespace is rejected: `message` and optional `data` of the CONNECT_ERROR packet.
struct connect_error {
  std::string message;
  std::optional<boost::json::value> data = std::nullopt;
};

/// Why a middleware rejects a connection or an event.
using middleware_error = connect_error;
using refusal [[deprecated("use middleware_error")]] = middleware_error;

/// The continuation of a middleware: next() passes to the next step, next(error) rejects. Can be kept and
/// called later, on the I/O thread. Only the first call, on any copy, counts. After the client has
/// disconnected, calls have no effect, except that a connection's remaining middlewares still run.
class next {
 public:
  using step = std::function<void(const middleware_error*)>;

  explicit next(step proceed) : proceed_(std::make_shared<step>(std::move(proceed))) {}
  void operator()() const { call(nullptr); }
  void operator()(const middleware_error& why) const { call(&why); }

 private:
  void call(const middleware_error* why) const {
    if (const step proceed = std::exchange(*proceed_, nullptr)) proceed(why);
  }

  std::shared_ptr<step> proceed_;
};

/// Decides whether a socket may connect. The socket is not connected yet, but its handshake() and `data` can
/// be used.
using middleware = std::function<void(std::shared_ptr<socket>, next)>;

/// Decides whether an event reaches its handlers, and may modify it. The event stays valid as long as `next`
/// exists.
using event_middleware = std::function<void(event&, next)>;

}  // namespace emostream::socketio

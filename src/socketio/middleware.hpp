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

/// What a client is told that a middleware refuses: CONNECT_ERROR's `message` and, if any, its `data`.
struct connect_error {
  std::string message;
  std::optional<boost::json::value> data = std::nullopt;
};

/// Why a middleware stops a connection or an event.
using refusal = connect_error;

/// Goes on with what a middleware holds, once, whichever copy is called: next() lets it pass, next(refusal)
/// stops it. May be kept and called later on the I/O thread; after the client is gone it has no effect.
class next {
 public:
  using step = std::function<void(const refusal*)>;

  explicit next(step proceed) : proceed_(std::make_shared<step>(std::move(proceed))) {}
  void operator()() const { take(nullptr); }
  void operator()(const refusal& why) const { take(&why); }

 private:
  void take(const refusal* why) const {
    if (const step proceed = std::exchange(*proceed_, nullptr)) proceed(why);
  }

  std::shared_ptr<step> proceed_;
};

/// Decides whether a socket may connect. The socket is not connected yet: handshake() and data are there to
/// use.
using middleware = std::function<void(std::shared_ptr<socket>, next)>;

/// Decides whether an event reaches its handlers, and may change it; the event lives as long as `next`.
using event_middleware = std::function<void(event&, next)>;

}  // namespace emostream::socketio

#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "socketio/event.hpp"

namespace emostream::socketio {

class socket;

/// The optional data of an error: nothing, a value, or an object in braces, {{"hint", "send a token"}}.
class error_data : public std::optional<boost::json::value> {
  template <class T>
  static constexpr bool is_optional =
      std::derived_from<T, std::optional<boost::json::value>> || std::same_as<T, std::nullopt_t>;

 public:
  error_data() = default;
  error_data(std::nullopt_t) {}
  template <std::same_as<std::optional<boost::json::value>> Optional>
  error_data(Optional value) : optional(std::move(value)) {}
  template <class Value = boost::json::value>
  requires(argument_value<Value> && !is_optional<std::remove_cvref_t<Value>>) error_data(Value&& value)
      : optional(boost::json::value_from(std::forward<Value>(value))) {}
  error_data(object_members members) : optional(to_object(members)) {}
};

/// Why a connection to a namespace is rejected: `message` and `data` of the CONNECT_ERROR packet.
struct connect_error {
  std::string message;
  error_data data = {};
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

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "net/http/http_message.hpp"

namespace emostream::net {

class websocket_connection;

/// What becomes of an HTTP request; decided when its header is there and before any of its body is read.
namespace plan {

/// Answer it, body unread.
struct answer {
  http_response response;
  bool close = false;  ///< and close the connection
};

/// Read its body, then have it answered.
struct read_body {
  std::size_t limit;
  /// Gets the body, or engineio::error::payload_too_large.
  std::move_only_function<void(result<std::string> body, http_responder)> then;
  /// Called in place of `then`, or after it and before the answer, if the client goes away. May be empty.
  std::move_only_function<void()> client_gone;
};

/// Hand the connection over to WebSocket.
struct upgrade {
  std::move_only_function<void(std::shared_ptr<websocket_connection>)> then;
};

using decided = std::variant<answer, read_body, upgrade>;

/// One of these, later.
struct later {
  /// Called once with whom to tell; if told nothing, the client gets a 500.
  std::move_only_function<void(std::move_only_function<void(decided)>)> start;
  /// Called if the client goes away before; what is told afterwards has no effect.
  std::move_only_function<void()> client_gone;
};

}  // namespace plan

using request_plan = std::variant<plan::answer, plan::read_body, plan::upgrade, plan::later>;

/// Decides on a request of a route when its head is there, on the I/O thread: whom it refuses then need not
/// send a body, and who sends one sends what the route takes. An exception that it throws is a 500.
using head_handler = std::function<std::variant<plan::answer, plan::read_body>(request_head)>;

}  // namespace emostream::net

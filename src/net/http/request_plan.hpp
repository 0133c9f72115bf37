#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http/http_message.hpp"

namespace emostream::net {

class websocket_connection;

/// How to handle an HTTP request; decided when its header has been read, before its body.
namespace plan {

/// Respond without reading the body.
struct answer {
  http_response response;
  bool close = false;  ///< close the connection afterwards
};

/// Read the body, then let `then` respond.
struct read_body {
  std::size_t limit;
  /// Receives the body, or std::errc::message_size if it is larger than `limit`.
  std::move_only_function<void(result<std::string> body, http_responder)> then;
  /// Called instead of `then` if the body is malformed, times out or is cut off; or after `then` if the
  /// client disconnects before the response, which goes unnoticed once it has sent another request. May be
  /// empty.
  std::move_only_function<void()> client_gone;
  /// How long receiving the body may take; not set: options::body_timeout.
  std::optional<milliseconds> timeout = {};
};

/// Upgrade the connection to a WebSocket; `then` calls websocket_connection::open().
struct upgrade {
  std::move_only_function<void(std::shared_ptr<websocket_connection>)> then;
};

/// A plan that can be executed immediately.
using immediate = std::variant<answer, read_body, upgrade>;

/// Decide asynchronously.
struct deferred {
  /// Receives the decision, and headers that are added to the response. If it is destroyed uncalled, the
  /// client gets a 500.
  using receiver = std::move_only_function<void(immediate, header_list)>;
  /// Called once.
  std::move_only_function<void(receiver)> start;
  /// Called if the client disconnects first; a later decision has no effect.
  std::move_only_function<void()> client_gone;
};

}  // namespace plan

using request_plan = std::variant<plan::answer, plan::read_body, plan::upgrade, plan::deferred>;

/// Decides how to handle a request to a route. Called on the I/O thread once the header has been read, so
/// that a rejected client does not have to send its body. An exception becomes a 500.
using request_planner = std::function<std::variant<plan::answer, plan::read_body>(request_head)>;

}  // namespace emostream::net

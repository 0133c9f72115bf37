#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"

namespace emostream::server {

/// The continuation of a middleware: call it, respond() or reject() once, immediately or later, on the I/O
/// thread. Further calls have no effect, and neither have calls after the client has disconnected or the
/// timeout has passed. One that is destroyed uncalled rejects the request.
class request_next {
 public:
  struct passed {
    net::header_list headers;
  };
  struct rejected {};
  using decision = std::variant<passed, net::http_response, rejected>;
  using receiver = std::move_only_function<void(decision)>;

  explicit request_next(receiver r) : receiver_(std::move(r)) {}
  request_next(request_next&& other) noexcept : receiver_(std::exchange(other.receiver_, nullptr)) {}
  request_next& operator=(request_next&&) = delete;
  ~request_next() { reject(); }

  /// Passes the request to the next middleware, or to Engine.IO, and adds `headers` to its response.
  void operator()(net::header_list headers = {}) { decide(passed{std::move(headers)}); }
  /// Ends the request with this response. A client that asked for a WebSocket gets it, too, and is then
  /// disconnected.
  void respond(net::http_response response) { decide(std::move(response)); }
  /// Rejects the request with code 3, `Bad request`, like `next(error)` in the Node.js server.
  void reject() { decide(rejected{}); }

 private:
  void decide(decision d) {
    if (auto receive = std::exchange(receiver_, nullptr)) receive(std::move(d));
  }

  receiver receiver_;
};

/// A middleware for the HTTP requests of Engine.IO. `request` may be kept.
using request_middleware = std::function<void(const shared_request& request, request_next next)>;

}  // namespace emostream::server

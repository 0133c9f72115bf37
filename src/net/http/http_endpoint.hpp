#pragma once

#include <functional>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_plan.hpp"

namespace emostream::net {

/// A protocol mounted on one path of an http_server, see http_server::mount(). Called on the I/O thread.
class http_endpoint {
 public:
  virtual ~http_endpoint() = default;

  /// Decides how to handle a request to the path whose origin is allowed; `upgrade`: it asks for a WebSocket.
  virtual request_plan plan_for(request_head head, bool upgrade) = 0;
  /// The response to a request whose origin options::cors_origins does not allow.
  virtual plan::answer reject_origin(const request_head& head, bool upgrade) = 0;
  /// Adds headers to the response to any request to the path.
  virtual void add_headers(const request_head&, header_list&) {}

  /// The server shuts down: accept nothing new, end what is open, then call `drained` once.
  virtual void drain(std::move_only_function<void()> drained) = 0;
  /// The server has stopped: release everything without waiting for clients.
  virtual void abort() = 0;
};

}  // namespace emostream::net

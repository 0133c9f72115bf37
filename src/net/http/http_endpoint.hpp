#pragma once

#include <functional>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"
#include "net/http/request_plan.hpp"

namespace emostream::net {

/// A protocol that is mounted on a path of an http_server, see http_server::mount(). Called on the I/O
/// thread.
class http_endpoint {
 public:
  virtual ~http_endpoint() = default;

  /// Decides how to handle a request from an allowed origin; `upgrade`: it is a WebSocket handshake.
  virtual request_plan plan_for(request_head head, bool upgrade) = 0;
  /// The response to a request whose origin options::cors_origins does not allow.
  virtual plan::answer reject_origin(const request_head& head, bool upgrade) = 0;
  /// Adds headers to the response to each request.
  virtual void add_headers(const request_head&, header_list&) {}

  /// Called when the server shuts down: reject new clients, close the existing ones, then call `drained`
  /// once.
  virtual void drain(std::move_only_function<void()> drained) = 0;
  /// Called when the server has stopped: release everything without waiting for clients.
  virtual void abort() = 0;
};

}  // namespace emostream::net

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/request_head.hpp"
#include "net/http/request_plan.hpp"
#include "net/timer.hpp"
#include "server/engineio/middleware.hpp"

namespace emostream::server {

class engineio_endpoint;

/// A request that waits for the application: for the middlewares, and for allow_request if it opens a
/// session. Its HTTP connection owns it: once the connection is closed, the answers have no effect.
class pending_request : public std::enable_shared_from_this<pending_request> {
 public:
  pending_request(std::weak_ptr<engineio_endpoint> endpoint, shared_request request, bool upgrade);

  /// The plan with which its HTTP connection starts it.
  net::plan::deferred to_plan();

 private:
  void start(net::plan::deferred::receiver decide);
  void on_timeout();
  void call_middleware(std::size_t index);
  void on_middleware(std::size_t index, request_next::decision decision);
  void call_allow_request(const engineio_endpoint& endpoint);
  void on_admission(std::optional<std::string> rejection);
  void decide(net::plan::immediate plan);

  std::weak_ptr<engineio_endpoint> endpoint_;
  shared_request request_;
  bool upgrade_;
  net::plan::deferred::receiver decide_;  // null once decided, and after a disconnect
  net::header_list headers_;              // of the middlewares
  net::timer timeout_;
};

}  // namespace emostream::server

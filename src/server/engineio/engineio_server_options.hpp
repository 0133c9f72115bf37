#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "engineio/engineio_options.hpp"
#include "net/http/http_message.hpp"
#include "server/engineio/admission.hpp"
#include "server/engineio/session_cookie.hpp"

namespace emostream::server {

/// Options of an engineio_server.
struct engineio_server_options {
  engineio::options protocol{};  ///< heartbeat, upgrades, sizes of messages and queues

  /// Called before a session is opened, by polling or as a WebSocket, but not for requests of an open
  /// session. Empty: every request is allowed.
  request_filter allow_request{};
  milliseconds admission_timeout{45'000};  ///< for its answer; after that the request is rejected
  /// Sent to polling clients, for load balancers; nullopt: no cookie.
  std::optional<session_cookie> cookie{};
  /// Adds headers to every response of Engine.IO, rejections included; `opens` says that the request is to
  /// open a session. Like the Node server's events `initial_headers` and `headers`.
  std::function<void(const request_head&, bool opens, net::header_list&)> add_headers{};

  /// Responses to polls of this many bytes or more are compressed (gzip or deflate, as the client accepts),
  /// unless all of their messages were sent with compress(false). nullopt: no compression.
  std::optional<std::size_t> http_compression = 1024;

  /// Open sessions of all mounted paths; more are rejected with a 503. The sessions of one client address are
  /// limited by net::options::max_connections_per_address.
  std::size_t max_sessions = 20'000;
  /// During a shutdown, how long a polling client may take between two polls before it counts as gone.
  milliseconds poll_reconnect_grace{2'000};
};

}  // namespace emostream::server

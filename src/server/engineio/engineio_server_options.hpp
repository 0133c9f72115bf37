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
  milliseconds admission_timeout{45'000};  ///< for the answer of allow_request; then the request is rejected
  /// Sent to polling clients, for load balancers; nullopt: no cookie.
  std::optional<session_cookie> cookie{};
  /// Adds headers to the responses of Engine.IO, including rejections; `opens` is true for a request that
  /// would open a session: one without `sid`, or with an empty one. Like the events `initial_headers` and
  /// `headers` of the Node.js server.
  std::function<void(const request_head&, bool opens, net::header_list&)> add_headers{};

  /// Responses to polls of at least this many bytes are compressed (gzip or deflate, as the client accepts),
  /// unless all packets in them are messages sent with compress(false). nullopt: no compression.
  std::optional<std::size_t> http_compression = 1024;

  /// Limits the open sessions of all mounted paths together; further ones are rejected with a 503. The
  /// sessions of one client address are limited by net::options::max_connections_per_address.
  std::size_t max_sessions = 20'000;
  /// If a shutdown begins between two polls of a client, how long after its last response the client may take
  /// to fetch what is queued; then its session is closed.
  milliseconds poll_reconnect_grace{2'000};
};

}  // namespace emostream::server

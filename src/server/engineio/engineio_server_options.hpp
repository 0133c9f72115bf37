#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "engineio/engineio_options.hpp"
#include "net/http/http_message.hpp"
#include "server/engineio/admission.hpp"
#include "server/engineio/connection_error.hpp"
#include "server/engineio/middleware.hpp"
#include "server/engineio/session_cookie.hpp"

namespace emostream::server {

/// Options of an engineio_server.
struct engineio_server_options {
  engineio::options protocol{};  ///< heartbeat, upgrades, sizes of messages and queues

  /// Called in this order for each HTTP request to Engine.IO, including those of open sessions, before it is
  /// checked; not for preflight requests and for origins that net::options::cors_origins does not allow. Like
  /// `engine.use()` of the Node.js server.
  std::vector<request_middleware> middlewares{};
  /// Called before a session is opened, by polling or as a WebSocket, but not for requests of an open
  /// session. Empty: every request is allowed.
  request_filter allow_request{};
  /// For the answers of the middlewares and allow_request to one request; then it is rejected as `Forbidden`.
  milliseconds admission_timeout{45'000};
  /// Called for each request that is rejected instead of opening a session or reaching one: by the checks of
  /// the protocol, a middleware, allow_request, cors_origins or a limit. Not for requests that an open
  /// session rejects, nor for malformed WebSocket handshakes. Like the event `connection_error` of the
  /// Node.js server. Any client can cause such requests, so limit what you log.
  std::function<void(const connection_error&)> on_connection_error{};
  /// Chooses the id of a new session, which must be hard to guess, because requests with the id act for its
  /// client: 1 to 64 letters, digits and `-._~`, and not the id of an open session. If it is not, or if the
  /// function throws, the request is rejected with code 3, `Bad request`. Empty: 120 random bits.
  std::function<std::string(const request_head&)> generate_id{};
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

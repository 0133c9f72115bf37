#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/websocket/message_compression.hpp"

namespace emostream::net {

/// The headers in which a reverse proxy reports its client's address and protocol: X-Forwarded-For and
/// X-Forwarded-Proto, or Forwarded (RFC 7239).
enum class forwarded_by { x_forwarded, forwarded };

/// Options of an http_server.
struct options {
  /// An IP address; or a name, such as `localhost`, which http_server::listen() looks up. Like the Node.js
  /// server, it listens on the first address of a name.
  std::string host = "0.0.0.0";
  std::uint16_t port = 8000;  ///< 0: any free port

  /// Allowed origins, as in the Origin header; `*` allows all origins, `null` allows pages
  /// without an origin, such as those opened from disk.
  std::vector<std::string> cors_origins = {"*"};
  /// Allows pages of these origins to send cookies (`withCredentials`); with `*`, every page on the web.
  bool cors_credentials = false;

  /// PEM files for HTTPS: the certificate followed by its chain, and its private key, without a password.
  std::filesystem::path tls_certificate{};
  std::filesystem::path tls_key{};

  /// max-age of the header Strict-Transport-Security, which is sent over HTTPS; 0: no header.
  std::chrono::seconds hsts_max_age{0};

  /// Trusted reverse proxies, as addresses and as networks such as 10.0.0.0/8 and fd00::/8. For their
  /// requests, request_head::remote_address and request_head::secure are taken from the headers
  /// `proxy_headers`.
  std::vector<std::string> trusted_proxies{};
  /// The headers that the proxies set. The other ones are ignored: proxies forward them as the client sent
  /// them.
  forwarded_by proxy_headers = forwarded_by::x_forwarded;

  /// nullopt: WebSocket messages are not compressed.
  std::optional<message_compression> per_message_deflate{};

  std::size_t max_connections = 20'000;  ///< further ones are closed immediately after accept
  /// Paths that are served even then, for health checks: a further connection may make one GET request to one
  /// of them. There are at most 64 such connections, for at most two seconds; the oldest one without a
  /// request is closed for the next.
  std::vector<std::string> reserved_paths{};
  /// Limits, for each client address (for IPv6, each /64), the TCP connections, except those of trusted
  /// proxies, and the Engine.IO sessions, including those through trusted proxies. Further ones get a 429;
  /// with TLS, further connections are closed. 0: no limit, because many people may share an address.
  std::size_t max_connections_per_address = 0;
  std::size_t max_header_bytes = 16'384;  ///< larger headers get a 431
  std::size_t max_header_fields = 100;    ///< more fields get a 431
  /// What all connections together may buffer: incomplete messages, request bodies (as announced), and data
  /// that clients have not read (data of a broadcast counts for each). A connection that needs more is
  /// closed, as WebSocket with code 1013; an HTTP request gets a 503.
  std::size_t max_buffered_bytes = std::numeric_limits<std::size_t>::max();
  std::size_t max_body_bytes = 10'000'000;  ///< of requests to an http_handler; larger bodies get a 413

  /// From the first byte of a request to the end of its header; then a 408. Also for the TLS handshake, and
  /// for what the client still sends after a response that closes the connection; then it is closed.
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};        ///< to receive a body, unless its handler allows more; then a 408
  milliseconds keep_alive_timeout{60'000};  ///< between two requests, and before the first
  milliseconds write_timeout{30'000};       ///< to send a response
  milliseconds drain_grace{5'000};          ///< maximum time from close_all() to the end of run()
};

}  // namespace emostream::net

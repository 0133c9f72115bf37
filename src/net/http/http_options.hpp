#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/websocket/message_compression.hpp"

namespace emostream::net {

/// The headers in which a reverse proxy names its clients: X-Forwarded-For and X-Forwarded-Proto, or
/// Forwarded (RFC 7239).
enum class forwarded_by { x_forwarded, forwarded };

/// Options of an http_server.
struct options {
  std::string host = "0.0.0.0";  ///< an IP address, not a name
  std::uint16_t port = 8000;     ///< 0: any free port

  /// Origins that browsers may come from, as in the Origin header; `*` allows all, `null` pages opened from
  /// disk.
  std::vector<std::string> cors_origins = {"*"};
  /// Allows those pages to send cookies (`withCredentials`). With `*` that is every page on the web.
  bool cors_credentials = false;

  /// PEM files for HTTPS: the certificate followed by its chain, and its private key, without a password.
  std::filesystem::path tls_certificate{};
  std::filesystem::path tls_key{};

  /// Reverse proxies, as addresses and as networks such as 10.0.0.0/8 and fd00::/8, that are trusted to name
  /// their clients: request_head::remote_address and request_head::secure are then taken from their headers.
  std::vector<std::string> trusted_proxies{};
  /// The headers to read. The others are ignored: a proxy forwards those as the client wrote them.
  forwarded_by proxy_headers = forwarded_by::x_forwarded;

  /// nullopt: WebSocket messages are not compressed.
  std::optional<message_compression> per_message_deflate{};

  std::size_t max_connections = 20'000;  ///< further ones are closed immediately after accept
  /// Of one client address, or one IPv6 /64: TCP connections, except those of trusted proxies, and Engine.IO
  /// sessions, including those through trusted proxies. Further ones get a 429; with TLS, further connections
  /// are closed. 0: no limit, since many people may share one address.
  std::size_t max_connections_per_address = 0;
  std::size_t max_header_bytes = 16'384;    ///< else 431
  std::size_t max_header_fields = 100;      ///< else 431
  std::size_t max_body_bytes = 10'000'000;  ///< of requests to routes; else 413

  /// From the first byte of a request to the end of its header, else 408; also for the TLS handshake.
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};        ///< for the body, else 408
  milliseconds keep_alive_timeout{60'000};  ///< between two requests, and before the first
  milliseconds write_timeout{30'000};       ///< for the client to read a response
  milliseconds drain_grace{5'000};          ///< at most, from close_all() to the end of run()
};

}  // namespace emostream::net

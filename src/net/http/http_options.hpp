#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "engineio/engineio_options.hpp"
#include "net/cookie.hpp"
#include "net/http/http_message.hpp"
#include "net/verdict.hpp"

namespace emostream::net {

/// Which headers a reverse proxy tells of its clients in: X-Forwarded-For and X-Forwarded-Proto, or Forwarded
/// (RFC 7239).
enum class forwarded_by { x_forwarded, forwarded };
/// permessage-deflate (RFC 7692): WebSocket messages compressed, if the client offers it.
struct message_compression {
  std::size_t threshold = 1024;  ///< bytes; smaller messages of ours are sent as they are
  /// Each message may refer to those before it: messages that resemble each other shrink more, and each
  /// connection holds up to 300 KB. Without it a connection holds nothing, and a broadcast is deflated once.
  bool context_takeover = false;
  /// 9 to 15: how far back messages refer, 2^bits bytes; the memory of a context goes with it.
  int server_max_window_bits = 15;
  int client_max_window_bits = 15;  ///< below 15, only clients that can choose theirs are compressed for
};

/// What an http_server is made with.
struct options {
  std::string host = "0.0.0.0";  ///< an address, not a name
  std::uint16_t port = 8000;     ///< 0: any free one

  /// Origins that browsers may come from, as in the Origin header; `*` is all, `null` pages opened from disk.
  std::vector<std::string> cors_origins = {"*"};
  /// Lets those pages send cookies (`withCredentials`). With `*` that is every page there is.
  bool cors_credentials = false;

  /// PEM files that make it HTTPS: the certificate with its chain behind it, and its key, without a password.
  std::filesystem::path tls_certificate{};
  std::filesystem::path tls_key{};

  /// Reverse proxies, as addresses and as networks such as 10.0.0.0/8 and fd00::/8, whose word on their
  /// clients is believed: request_head::remote_address and request_head::secure are then what they say.
  std::vector<std::string> trusted_proxies{};
  /// Where they say it. The other headers mean nothing: a proxy hands those on as the client wrote them.
  forwarded_by proxy_headers = forwarded_by::x_forwarded;

  engineio::options engineio{};

  /// Asked before a session is opened, by polling or as a WebSocket; requests of an open one are not judged.
  /// Without it, all are welcome.
  request_judge allow_request{};
  milliseconds verdict_timeout{45'000};  ///< for its verdict; then it is a refusal
  /// Told which session is whose, for load balancers; none: it is not.
  std::optional<session_cookie> cookie{};
  /// Adds headers to an answer of Engine.IO; `opens` says that the request is to open a session. As the Node
  /// server's events `initial_headers` and `headers`, but for refusals too.
  std::function<void(const request_head&, bool opens, header_list&)> add_headers{};

  /// Answers to polls of so many bytes or more are compressed (gzip or deflate, as the client accepts),
  /// unless all that they carry was sent with compress(false). None: no answer is.
  std::optional<std::size_t> http_compression = 1024;
  /// None: WebSocket messages are not compressed.
  std::optional<message_compression> per_message_deflate{};

  std::size_t max_connections = 20'000;  ///< more are closed as soon as accepted
  std::size_t max_sessions = 20'000;     ///< of Engine.IO, all mounts together; more are refused with a 503
  /// Of one client address, or one IPv6 /64: TCP connections, where it is no trusted proxy's, and sessions,
  /// those by way of trusted proxies too. More are refused with a 429, or as soon as accepted where TLS is
  /// spoken. 0: as many as come, since many people may share one address.
  std::size_t max_connections_per_address = 0;
  std::size_t max_header_bytes = 16'384;    ///< else 431
  std::size_t max_header_fields = 100;      ///< else 431
  std::size_t max_body_bytes = 10'000'000;  ///< of a route; Engine.IO has max_http_buffer_size. Else 413

  /// From a request's first byte to the end of its header, else 408; and for TLS's handshake.
  milliseconds header_timeout{10'000};
  milliseconds body_timeout{30'000};        ///< for the body, else 408
  milliseconds keep_alive_timeout{60'000};  ///< between two requests, and before the first
  milliseconds write_timeout{30'000};  ///< for a client to take an answer; WebSockets have their heartbeat
  milliseconds poll_gap{
      2'000};  ///< a client that polls is gone for good, once it has not come back for so long
  milliseconds drain_grace{5'000};  ///< from close_all() to the end of run() at the latest
};

}  // namespace emostream::net

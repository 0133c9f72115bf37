#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "net/http/http_server.hpp"
#include "server/engineio/engineio_server_options.hpp"
#include "server/engineio/engineio_session.hpp"

namespace emostream::server {

/// Counters and gauges of an engineio_server.
struct engineio_stats {
  std::uint64_t sessions_opened = 0;
  /// Over max_sessions or the limit of an address, or during a shutdown.
  std::uint64_t sessions_refused = 0;
  std::uint64_t session_address_refusals = 0;  ///< of these, over the limit of an address
  std::uint64_t sessions_forbidden = 0;        ///< by allow_request, cors_origins or admission_timeout
  std::size_t sessions_open = 0;
  std::uint64_t sessions_upgraded = 0;     ///< from polling to WebSocket
  std::uint64_t slow_sessions_closed = 0;  ///< over engineio::options::max_buffered_bytes
};

struct engineio_context;

/// Engine.IO on an http_server: opens sessions for requests to its paths, and drives them over polling and
/// WebSocket. I/O thread only; before http_server::run(), the thread that sets the server up.
///
///     net::http_server http{{.port = 8000}};
///     engineio_server engine(http, {});
///     engine.mount("/engine.io/", [](auto session) { return std::make_unique<echo>(session); });
///     http.listen().value();
///     http.run();
///
/// http_server::close_all() closes the sessions; those that remain are aborted when run() returns.
class engineio_server {
 public:
  /// `http` must outlive it. Throws std::invalid_argument if the cookie is malformed.
  engineio_server(net::http_server& http, engineio_server_options opts);
  ~engineio_server();
  engineio_server(const engineio_server&) = delete;
  engineio_server& operator=(const engineio_server&) = delete;

  /// Serves Engine.IO on `path`, with and without its trailing slash. May be called for several paths; each
  /// has its own sessions. Throws std::invalid_argument if the path does not begin with a slash.
  void mount(std::string path, engineio_session_factory factory);

  /// Rejects new sessions with a 503 from now on. Open sessions continue, and HTTP requests are still
  /// accepted: polling clients need them to receive their remaining messages.
  void reject_new_sessions();

  [[nodiscard]] const engineio_stats& stats() const;

 private:
  std::shared_ptr<engineio_context> context_;
};

}  // namespace emostream::server

#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engineio/close_reason.hpp"
#include "net/http/http_message.hpp"
#include "net/http/http_options.hpp"
#include "net/http/request_plan.hpp"
#include "net/session.hpp"
#include "net/timer.hpp"

namespace emostream::net {

/// Counters and gauges of an http_server.
struct server_stats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over options::max_connections, in all or of one address
  std::size_t connections_open = 0;
  std::uint64_t sessions_opened = 0;
  /// Over options::max_sessions or an address's share, or while the server ends.
  std::uint64_t sessions_refused = 0;
  std::uint64_t sessions_forbidden = 0;  ///< by options::allow_request or cors_origins
  std::size_t sessions_open = 0;
  std::uint64_t sessions_upgraded = 0;         ///< from polling to WebSocket
  std::uint64_t slow_clients_closed = 0;       ///< over engineio.max_buffered_bytes, or HTTP's write_timeout
  std::uint64_t address_refusals = 0;          ///< of both, those for options::max_connections_per_address
  std::uint64_t session_address_refusals = 0;  ///< of these, those of sessions
  std::uint64_t tls_handshakes_failed = 0;
  std::uint64_t http_requests = 0;  ///< polling included
  std::uint64_t http_errors = 0;    ///< answered with 4xx or 5xx
};

/// One listening port that serves HTTP routes and Engine.IO sessions, in one thread: the one that calls
/// run(), "the I/O thread". All handlers are called there. Before run(), the thread that sets the server up
/// counts as it.
///
///     http_server s{{.port = 8000}};
///     s.route("GET", "/healthz", [](http_request, http_responder respond) {
///       respond(http_response::of(200, "text/plain", "ok"));
///     });
///     s.mount("/socket.io/", [](std::shared_ptr<session> s) { return std::make_unique<echo>(s); });
///     s.listen().value();
///     s.on_signals({SIGINT, SIGTERM}, [&](int) { s.close_all(); });
///     s.run();
class http_server {
 public:
  /// Throws std::runtime_error, saying which, where an option cannot be used.
  explicit http_server(options opts);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Answers `method` (GET answers HEAD too) on `path`, percent-decoded: exact, or with a last segment `*`
  /// that matches any rest, "" included. The exact route wins, then the longest prefix. A path that is known
  /// under another method is a 405.
  void route(std::string method, std::string path, http_handler handler);
  /// The same, decided when a request's head is there and before its body is read.
  void route(std::string method, std::string path, head_handler handler);

  /// Serves Engine.IO on `path`, with and without its trailing slash. May be called for several paths, each
  /// with sessions of its own.
  void mount(std::string path, session_factory factory);

  /// Binds and listens; the port is the one got if 0 was asked for. Clients may connect from here on and are
  /// answered from run() on.
  result<std::uint16_t> listen();

  /// Serves until close_all() is through. Call once.
  void run();

  /// From any thread, at any time before destruction: runs `task` on the I/O thread, in order of posting.
  /// Tasks that are still there when run() returns are destroyed with the server, uncalled.
  void post(std::move_only_function<void()> task);

  /// Calls `task` once, then or later; never from inside this call. Drop the handle to take it back.
  [[nodiscard]] timer call_at(time_point when, std::move_only_function<void()> task);
  [[nodiscard]] timer call_after(milliseconds delay, std::move_only_function<void()> task);

  /// Calls `handler` for each of those signals while run() runs. Call it once.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

  /// Reads the certificate and its key again, for the connections that come; those there are keep theirs. One
  /// that cannot be used is logged as an error, and changes nothing. I/O thread.
  void reload_certificate();

  /// Refuses new Engine.IO sessions with a 503 from here on. Those there are go on, as do plain requests: a
  /// polling client needs a connection for every message that it is still to get.
  void refuse_sessions();

  /// The end: every session sends what it has queued, closes, and its handler hears `reason`; once all are
  /// gone, the listening socket closes, requests under way are answered and idle connections close. run()
  /// returns then, or after options::drain_grace. Implies refuse_sessions(). I/O thread.
  void close_all(engineio::close_reason reason = engineio::close_reason::server_shutting_down);

  /// From any thread: lets run() return without waiting for anybody. Handlers of the sessions that are left
  /// hear `server shutting down`.
  void stop_now();

  /// I/O thread.
  [[nodiscard]] server_stats stats() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net

#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http/http_endpoint.hpp"
#include "net/http/http_message.hpp"
#include "net/http/http_options.hpp"
#include "net/http/http_stats.hpp"
#include "net/http/request_plan.hpp"
#include "net/timer.hpp"

namespace emostream::net {

class memory_budget;
class turn_queue;

/// Serves HTTP routes and mounted endpoints on one port and on one thread, the one that calls run(): the I/O
/// thread. All handlers and tasks are called there; exceptions that they throw are logged and do not end
/// run(). Before run(), the thread that sets the server up counts as the I/O thread.
///
///     http_server s{{.port = 8000}};
///     s.route("GET", "/healthz", [](http_request, http_responder respond) {
///       respond(http_response::of(200, "text/plain", "ok"));
///     });
///     s.listen().value();
///     s.on_signals({SIGINT, SIGTERM}, [&](int) { s.close_all(); });
///     s.run();
class http_server {
 public:
  /// Throws a std::runtime_error if the TLS certificate, its key or a trusted proxy is invalid.
  explicit http_server(options opts);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Serves `method` (GET includes HEAD) on `path`, which is compared with the percent-decoded path of a
  /// request: an exact path, or a prefix followed by the segment `*`, which matches any rest, also an empty
  /// one. Exact routes have precedence, then the longest prefix. A path that has routes, but none for the
  /// method, gets a 405. Throws std::invalid_argument if the path does not begin with a slash, contains a `*`
  /// elsewhere, or already has a route for the method.
  void route(std::string method, std::string path, http_handler handler);
  /// The same, with a handler that is called when the header of a request has been read, before its body.
  void route(std::string method, std::string path, request_planner planner);

  /// Passes the requests to `path`, with and without its trailing slash, to `endpoint`, which has precedence
  /// over routes. The server itself answers OPTIONS requests from allowed origins. Throws
  /// std::invalid_argument if the path does not begin with a slash.
  void mount(std::string_view path, const std::shared_ptr<http_endpoint>& endpoint);

  /// Binds and listens; returns the port. Clients may connect from now on and are served by run(). Blocks
  /// while it looks up the address of a host name.
  result<std::uint16_t> listen();

  /// Serves until close_all() has completed or stop_now() is called. Call once.
  void run();

  /// From any thread, at any time before destruction: runs `task` on the I/O thread, in order of posting.
  /// Tasks that have not run when run() returns are destroyed with the server.
  void post(std::move_only_function<void()> task);

  /// The queue for work on the I/O thread that may take more than a millisecond. I/O thread only.
  [[nodiscard]] turn_queue& turns();
  /// The budget of options::max_buffered_bytes. I/O thread only.
  [[nodiscard]] memory_budget& memory();

  /// Calls `task` once at that time, never from inside this call. Destroy the timer to cancel it.
  [[nodiscard]] timer call_at(time_point when, std::move_only_function<void()> task);
  [[nodiscard]] timer call_after(milliseconds delay, std::move_only_function<void()> task);

  /// Calls `handler` for each of these signals during run(). Call it once.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

  /// Reads the certificate and its key again, for new connections; existing ones keep theirs. If one of
  /// them is invalid, an error is logged and nothing changes. I/O thread.
  void reload_certificate();

  /// Shuts down gracefully: drains the endpoints, then stops listening, completes the requests in progress
  /// and closes idle connections. run() returns then, or after options::drain_grace. I/O thread.
  void close_all();

  /// From any thread: makes run() return without waiting for clients.
  void stop_now();

  /// True if options::trusted_proxies contains the address.
  [[nodiscard]] bool is_trusted_proxy(std::string_view address) const;
  [[nodiscard]] const options& settings() const;

  /// I/O thread.
  [[nodiscard]] http_stats stats() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net

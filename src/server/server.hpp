#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http/http_server.hpp"
#include "server/server_options.hpp"
#include "server/server_stats.hpp"
#include "socketio/namespace.hpp"
#include "socketio/parent_namespace.hpp"

namespace emostream::server {

/// A Socket.IO server that a program embeds.
///
///     server s{{.net = {.host = "127.0.0.1", .port = 3000}}};
///     s.of("/").on_connection([](std::shared_ptr<socketio::socket> socket) {
///       socket->on("hello", [](socketio::event& e) { e.ack("world"); });
///     });
///     s.listen();
///     s.run();
///
/// One I/O thread, the one that calls run(), owns the connections and the protocol state, and calls every
/// handler; other threads use post(). Set up namespaces, routes and drain handlers before run(). An exception
/// of a handler or a task is logged and does not end run().
class server {
 public:
  using drain_handler = std::function<void(std::function<void()> done)>;

  /// Throws an exception that names the option, or its file or folder, if an option is invalid.
  explicit server(options opts);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The namespace of that name; created on first use. The reference is valid as long as the server.
  socketio::server_namespace& of(std::string name);
  /// Creates a namespace when a client connects to it, if `accepts` allows it; see socketio::hub::of().
  socketio::parent_namespace& of(socketio::parent_namespace::predicate accepts);
  /// Calls `handler` for each namespace created from now on, before a client connects to it.
  void on_new_namespace(std::function<void(socketio::server_namespace&)> handler);
  /// Makes `alias` another name by which clients reach of(name); they share its rooms and broadcasts.
  void alias(std::string alias, std::string name);

  /// Serves HTTP requests to `path`; see net::http_server::route().
  void route(std::string method, std::string path, net::http_handler handler);
  void route(std::string method, std::string path, net::request_planner planner);

  /// Binds and listens; returns the port. Blocks while it looks up a host name.
  result<std::uint16_t> listen();

  /// Serves until stop() has completed or stop_now() is called. Call once.
  void run();

  /// From any thread: runs `task` on the I/O thread, in order of posting.
  void post(std::move_only_function<void()> task);

  /// On the I/O thread: runs `task` once after `delay`, unless the timer is destroyed before.
  [[nodiscard]] net::timer after(milliseconds delay, std::move_only_function<void()> task);

  /// Calls `handler` on the I/O thread for each of these signals during run(). Call it once.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

  /// Adds a handler that stop() calls on the I/O thread, while all clients are still connected: the
  /// application finishes its work, then calls `done`.
  void on_drain(drain_handler handler);

  /// From any thread: shuts down gracefully. Rejects new clients; calls the on_drain handlers and waits for
  /// them, at most options::drain_timeout; closes all clients with "server shutting down", so that they
  /// reconnect; run() returns once their connections have closed, or after net::options::drain_grace.
  void stop();

  /// From any thread: makes run() return immediately. Clients are not notified; the handlers of their sockets
  /// are.
  void stop_now();

  /// From any thread: reads the certificate of net::options again, for new connections. If it is invalid, an
  /// error is logged and nothing changes.
  void reload_certificate();

  /// Counters and gauges. I/O thread.
  [[nodiscard]] server_stats stats() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::server

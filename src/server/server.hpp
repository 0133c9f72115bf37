#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/http/http_server.hpp"
#include "server/options.hpp"
#include "socketio/namespace.hpp"
#include "socketio/parent_namespace.hpp"

namespace emostream::server {

/// A Socket.IO server: what a program embeds.
///
///     server s{{.net = {.host = "127.0.0.1", .port = 3000}}};
///     s.of("/").on_connection([](std::shared_ptr<socketio::socket> socket) {
///       socket->on("hello", [](socketio::event& e) { e.ack("world"); });
///     });
///     s.listen();
///     s.run();
///
/// One I/O thread, the one that calls run(), owns sockets and protocol state and calls every handler; post()
/// is the way in from other threads. Set up namespaces, routes and drains before run().
class server {
 public:
  using drain_handler = std::function<void(std::function<void()> done)>;

  /// Throws std::exception, saying which, where an option cannot be used.
  explicit server(options opts);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The namespace of that name; made on first use. Its address stays valid as long as the server.
  socketio::server_namespace& of(std::string name);
  /// Makes namespaces as clients ask for them, if `accepts` says so; see socketio::hub::of().
  socketio::parent_namespace& of(socketio::parent_namespace::predicate accepts);
  /// Calls `handler` for each namespace that is made from now on, before anybody is in it.
  void on_new_namespace(std::function<void(socketio::server_namespace&)> handler);
  /// Makes `alias` another name by which clients reach of(name): the same rooms, the same broadcasts.
  void alias(std::string alias, std::string name);

  /// Answers plain HTTP requests for `path`; see net::http_server::route().
  void route(std::string method, std::string path, net::http_handler handler);
  void route(std::string method, std::string path, net::head_handler handler);

  /// Binds and listens; the port is the one got if 0 was asked for.
  result<std::uint16_t> listen();

  /// Serves until stop() has drained. Call once.
  void run();

  /// From any thread: runs `task` on the I/O thread, in order of posting.
  void post(std::move_only_function<void()> task);

  /// On the I/O thread: runs `task` once after `delay`, unless the timer is dropped before.
  [[nodiscard]] net::timer after(milliseconds delay, std::move_only_function<void()> task);

  /// Calls `handler` on the I/O thread for each of those signals while run() runs. Call it once.
  void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

  /// Adds a handler that stop() calls on the I/O thread, with all clients still connected: the application
  /// finishes its work, then calls `done`.
  void on_drain(drain_handler handler);

  /// From any thread, and from on_signals: refuses new clients; calls the on_drain handlers and waits
  /// for them, at most options::drain_timeout; closes all clients with "server shutting down", such that they
  /// try to reconnect; lets run() return once their connections are gone.
  void stop();

  /// From any thread: lets run() return at once. Of the clients, nobody is told; their sockets' handlers are.
  void stop_now();

  /// From any thread: reads the certificate of net::options again, for the connections that come. One that
  /// cannot be used is logged as an error, and changes nothing.
  void reload_certificate();

  /// Counters and gauges of the sockets below. I/O thread.
  [[nodiscard]] net::server_stats stats() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::server

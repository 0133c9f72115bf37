#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"
#include "server/options.hpp"
#include "socketio/namespace.hpp"

namespace emostream::server {

/// A Socket.IO server: what a program embeds.
///
///   server s{{.host = "127.0.0.1", .port = 3000}};
///   s.of("/").on_connection([](std::shared_ptr<socketio::socket> socket) {
///     socket->on("hello", [](socketio::event& e) { e.ack("world"); });
///   });
///   s.listen();
///   s.run();
///
/// One I/O thread, the one that calls run(), owns sockets and protocol state and calls every handler; post() is the
/// way in from other threads. Set up namespaces and routes before run().
class server {
 public:
  explicit server(options opts);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The namespace of that name; made on first use. Its address stays valid as long as the server.
  socketio::server_namespace& of(std::string name);

  /// Answers plain HTTP requests for `path` (exact; a last segment `*` matches any rest).
  void route(std::string method, std::string path, net::http_handler handler);

  /// Binds and listens; the port is the one got if 0 was asked for.
  result<std::uint16_t> listen();

  /// Serves until stop() has drained. Call once.
  void run();

  /// From any thread: runs `task` on the I/O thread, in order of posting.
  void post(std::move_only_function<void()> task);

  /// From any thread: accepts nothing new, lets `drained` be called on the I/O thread once the application may
  /// finish its work, …; see drain() in options. Clients get a close that they reconnect from.
  void stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::server

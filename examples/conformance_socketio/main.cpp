// The server that the test suite of socketio/socket.io-protocol needs.
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "server/server.hpp"

using namespace emostream;

namespace {

/// The suite loses the second of two WebSocket frames that arrive in one read, so `auth` is not
/// sent together with the reply to CONNECT.
constexpr milliseconds auth_delay{10};

void send_auth_later(server::server& s, const std::shared_ptr<socketio::socket>& socket) {
  socket->data = std::make_shared<net::timer>(
      s.after(auth_delay, [&socket = *socket] { socket.emit("auth", socket.handshake().auth); }));
}

}  // namespace

int main() {
  server::server s{
      {.net = {.host = "127.0.0.1", .port = 3000},
       .engineio = {.protocol = {.ping_interval = milliseconds(300), .ping_timeout = milliseconds(200)}},
       .socketio = {.connect_timeout = milliseconds(1000)}}};

  s.of("/").on_connection([&s](const std::shared_ptr<socketio::socket>& socket) {
    socket->on("message", [&socket = *socket](socketio::event& e) { socket.emit("message-back", e.args); });
    socket->on("message-with-ack", [](socketio::event& e) { e.ack(e.args); });
    send_auth_later(s, socket);
  });
  s.of("/custom").on_connection(
      [&s](const std::shared_ptr<socketio::socket>& socket) { send_auth_later(s, socket); });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  if (const auto port = s.listen()) {
    s.run();
  } else {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
}

// This library's server with the handlers that all servers in the benchmark have: `echo` is sent back,
// `broadcast` is sent to all sockets.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "server/server.hpp"

using namespace emostream;

int main(int argc, char** argv) {
  if (argc != 2) return EXIT_FAILURE;
  server::server s{{.net = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[1]))}}};

  s.of("/").on_connection([](const std::shared_ptr<socketio::socket>& socket) {
    socket->on("echo", [socket](socketio::event& e) { socket->emit("echo", e.args); });
    socket->on("broadcast", [socket](socketio::event& e) { socket->nsp().emit("broadcast", e.args); });
  });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  if (const auto port = s.listen(); !port) {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return EXIT_FAILURE;
  }
  s.run();
}

// A chat server in thirty lines: `echo` returns its arguments in the acknowledgement, `join` joins a room,
// `say` sends a message to the other sockets in a room.
#include <csignal>
#include <iostream>
#include <string>

#include <server/server.hpp>

using namespace emostream;

int main(int argc, char** argv) {
  const auto requested_port = static_cast<std::uint16_t>(argc > 1 ? std::stoul(argv[1]) : 3000);
  server::server s{{.net = {.host = "127.0.0.1", .port = requested_port}}};

  s.of("/").on_connection([](const std::shared_ptr<socketio::socket>& socket) {
    socket->on("echo", [](socketio::event& e) { e.ack(e.args); });
    socket->on("join", [socket](socketio::event& e) {
      const auto* room = e.args.at(0).if_string();
      e.ack(room && socket->join(std::string(*room)));
    });
    socket->on("say", [socket](socketio::event& e) {
      if (const auto* room = e.args.at(0).if_string())
        socket->to(std::string(*room)).emit("said", e.args.at(1));
    });
  });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  if (const auto port = s.listen()) {
    std::cout << "http://127.0.0.1:" << *port << std::endl;
    s.run();
  } else {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
}

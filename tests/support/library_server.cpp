// What the interoperability tests talk to: the library alone, with every feature that a test may ask a server
// to show. Arguments: `msgpack`, `recovery`, `again` (recovered sockets pass the middlewares again).

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "server/server.hpp"

using namespace emostream;
using namespace emostream::socketio;

namespace {

server::options configured(int argc, char** argv) {
  server::options opts{.net = {.host = "127.0.0.1", .port = 0}};
  opts.net.engineio.ping_interval = milliseconds(2000);
  for (int i = 1; i < argc; ++i) {
    const std::string_view wanted = argv[i];
    if (wanted == "msgpack") opts.socketio.parser = msgpack_parser();
  }
  return opts;
}

std::string text(const boost::json::value& v) {
  const auto* s = v.if_string();
  return s ? std::string(*s) : std::string();
}

boost::json::object facts(const socket& s) {
  boost::json::array rooms;
  for (const auto& room : s.rooms()) rooms.emplace_back(room);
  return {{"id", s.id()}, {"rooms", rooms}};
}

void serve(const std::shared_ptr<socket>& s) {
  s->on("echo", [s](event& e) { e.ack ? e.ack(e.args) : s->emit("echo", e.args); });
  s->on("who", [s](event& e) { e.ack(facts(*s)); });
  s->on("join", [s](event& e) { e.ack(s->join(text(e.args.at(0)))); });
  s->on("leave", [s](event& e) {
    s->leave(text(e.args.at(0)));
    e.ack(true);
  });
  // To the others in a room; the other arguments go on, attachments and all.
  s->on("say", [s](event& e) {
    const std::string room = text(e.args.at(0));
    e.args.values.erase(e.args.values.begin());
    s->to(room).emit("said", e.args);
    e.ack(true);
  });
  // Asks the client, and tells what it answered.
  s->on("ask me", [s](event& e) {
    s->emit("question", e.args, milliseconds(5000), [ack = e.ack](result<arguments> answer) {
      answer ? ack(*answer) : ack(boost::json::string(answer.error().message()));
    });
  });
  s->on("leave me", [s](event&) { s->disconnect(); });
}

}  // namespace

int main(int argc, char** argv) {
  server::server s(configured(argc, argv));
  s.of("/").on_connection(serve);
  s.of("/other").on_connection(serve);
  s.of("/closed").use([](const std::shared_ptr<socket>&, const next& go_on) {
    go_on({"closed", boost::json::object({{"code", 7}})});
  });
  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  const auto port = s.listen();
  if (!port) {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
  std::cout << "ready http://127.0.0.1:" << *port << std::endl;
  s.run();
}

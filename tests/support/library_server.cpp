// The server of the interoperability tests: the Socket.IO library without the emotion service. Arguments:
// `msgpack`, `recovery`, `eio3`, `short-timeouts`. GET /counters reports how many connections, sessions,
// sockets and pending acknowledgements there are.

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/serialize.hpp>

#include "server/server.hpp"

using namespace emostream;
using namespace emostream::socketio;

namespace {

/// Shared by the sockets, or by the handlers of pending acknowledgements, so that use_count() counts them.
struct counted {
  std::shared_ptr<char> sockets = std::make_shared<char>();
  std::shared_ptr<char> acks = std::make_shared<char>();
};

void shorten_timeouts(server::options& opts) {
  constexpr milliseconds timeout{700};
  auto& engine = opts.engineio.protocol;
  engine.ping_interval = engine.ping_timeout = engine.upgrade_timeout = engine.close_timeout = timeout;
  opts.net.header_timeout = opts.net.body_timeout = opts.net.keep_alive_timeout = timeout;
  opts.socketio.connect_timeout = opts.socketio.attachment_timeout = timeout;
}

server::options configured(int argc, char** argv) {
  server::options opts{.net = {.host = "127.0.0.1", .port = 0}};
  opts.engineio.protocol.ping_interval = milliseconds(2000);
  for (int i = 1; i < argc; ++i) {
    const std::string_view wanted = argv[i];
    if (wanted == "msgpack") opts.socketio.parser = msgpack_parser();
    if (wanted == "recovery") opts.socketio.recovery.enabled = true;
    if (wanted == "eio3") opts.engineio.protocol.allow_eio3 = true;
    if (wanted == "short-timeouts") shorten_timeouts(opts);
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
  return {{"id", s.id()},
          {"rooms", rooms},
          {"auth", s.handshake().auth},
          {"recovered", s.recovered()},
          {"transport", s.transport()},
          {"data", s.data.has_value()}};
}

boost::json::object counters(server::server& s, const counted& count) {
  const auto net = s.stats();
  std::size_t room = 0;
  s.of("/").in("room").fetch_sockets([&](const auto& found) { room = found.value().size(); });
  return {{"connections", net.connections_open},
          {"sessions", net.sessions_open},
          {"members", s.of("/").socket_count() + s.of("/other").socket_count()},
          {"room", room},
          {"sockets", count.sockets.use_count() - 1},
          {"acks", count.acks.use_count() - 1}};
}

void serve(const std::shared_ptr<socket>& s, const counted& count) {
  if (!s->recovered()) s->data = count.sockets;
  s->on("echo", [s](event& e) { e.ack ? e.ack(e.args) : s->emit("echo", e.args); });
  s->on("who", [s](event& e) { e.ack(facts(*s)); });
  s->on("join", [s](event& e) { e.ack(s->join(text(e.args.at(0)))); });
  s->on("leave", [s](event& e) {
    s->leave(text(e.args.at(0)));
    e.ack(true);
  });
  // Broadcasts the arguments after the first, with their attachments, to the other members of a room.
  s->on("say", [s](event& e) {
    const std::string room = text(e.args.at(0));
    e.args.values.erase(e.args.values.begin());
    s->to(room).emit("said", e.args);
    e.ack(true);
  });
  // Emits a question with an acknowledgement, and acknowledges with the client's answer or the error.
  s->on("ask back", [s, &count](event& e) {
    s->emit("question", e.args, milliseconds(5000),
            [ack = e.ack, held = count.acks](result<arguments> answer) {
              answer ? ack(*answer) : ack(boost::json::string(answer.error().message()));
            });
  });
  s->on("disconnect me", [s](event&) { s->disconnect(); });
}

}  // namespace

int main(int argc, char** argv) {
  server::server s(configured(argc, argv));
  const counted count;
  const auto add_handlers = [&count](const std::shared_ptr<socket>& socket) { serve(socket, count); };
  s.of("/").on_connection(add_handlers);
  s.of("/other").on_connection(add_handlers);
  s.of("/closed").use([](const std::shared_ptr<socket>&, const next& go_on) {
    go_on({"closed", boost::json::object({{"code", 7}})});
  });
  s.route("GET", "/counters", [&](const net::http_request&, net::http_responder respond) {
    respond(net::http_response::of(200, "application/json", boost::json::serialize(counters(s, count))));
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

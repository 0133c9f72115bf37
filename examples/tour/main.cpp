// The code of docs/socketio.md as a program: it contains each C++ block of that page verbatim.
#include <csignal>
#include <functional>
#include <iostream>
#include <regex>
#include <string>
#include <thread>

#include <server/server.hpp>
#include <socketio/adapter.hpp>

using namespace emostream;
using socket_ptr = std::shared_ptr<socketio::socket>;

namespace {

[[maybe_unused]] void getting_started() {
  server::server s{{.net = {.host = "127.0.0.1", .port = 3000}}};
  s.of("/").on_connection([](const socket_ptr& socket) {
    socket->on("hello", [](socketio::event& e) { e.ack("world"); });
    socket->emit("welcome");
  });
  if (s.listen()) s.run();
}

void events(socketio::server_namespace& chat) {
  chat.on_connection([](const socket_ptr& socket) {
    socket->on("say", [socket](socketio::event& e) {
      socket->to("lobby").emit("said", e.args);  // to the other sockets in the room
      e.ack({{"delivered", true}});              // does nothing if the client did not request it
    });
    socket->join("lobby");
    socket->emit("welcome", {{"id", socket->id()}});
    socket->on_disconnect([](socketio::disconnect_reason why) { std::cout << why << '\n'; });
  });
}

void arguments(const socket_ptr& socket) {
  socket->emit("bye");                                         // no argument; {} is none, too
  socket->emit("score", 7);                                    // text, numbers, containers, your types
  socket->emit("scores", {{"ann", 7}, {"bob", 5}});            // braces are an object
  socket->emit("names", boost::json::array{"ann", "bob"});     // one argument, an array
  socket->emit("move", "ann", boost::json::object{{"x", 3}});  // two arguments
  socket->send("hello");                                       // the event "message"
}

void typed_handlers(const socket_ptr& socket) {
  socket->on<std::string, int>("move", [](const std::string& piece, int field, socketio::event& e) {
    std::cout << piece << " to " << field << '\n';
    e.ack();
  });
}

void acknowledgements(const socket_ptr& socket) {
  socket->timeout(milliseconds(2000)).emit("ask", "ready?", [](const result<socketio::arguments>& answer) {
    if (answer)
      std::cout << "the client says " << answer->at(0) << '\n';
    else
      std::cout << answer.error().message() << '\n';  // for example: no answer in time
  });
}

void binary(const socket_ptr& socket) {
  socket->on("picture", [socket](socketio::event& e) {
    const shared_bytes picture = e.args.attachment(e.args.at(0));  // shared, not copied
    if (!picture) return e.ack({{"error", "binary data expected"}});
    socketio::arguments shown;
    shown.values = {{{"from", socket->id()}, {"picture", shown.attach(picture)}}};
    socket->others().emit("picture", shown);
  });
}

void middleware(socketio::server_namespace& chat) {
  chat.use([](const socket_ptr& socket, const socketio::next& next) {
    const auto* token = socket->handshake().auth.if_contains("token");
    if (!token || *token != "open sesame")
      return next({"not authorized", {{"hint", "send a valid token"}}});  // the client's connect_error
    socket->data = std::string("ali");
    next();
  });
}

void broadcasts(socketio::server_namespace& chat) {
  chat.to({"lobby", "kitchen"}).except("asleep").emit("news", "dinner is ready");
  chat.volatile_().emit("cursor", {{"x", 3}, {"y", 4}});  // skips clients that are not ready

  const auto kitchen = chat.to("kitchen");  // can be kept: a modifier returns a new object
  kitchen.emit("news", "the pizza is ready");
  kitchen.timeout(milliseconds(2000))
      .emit("vote", "more?", [](std::error_code missing, const std::vector<socketio::arguments>& answers) {
        std::cout << answers.size() << " votes" << (missing ? ", not all" : "") << '\n';
      });
}

void rooms(socketio::server_namespace& chat) {
  chat.room_hooks().on_create([](const std::string& room) { std::cout << room << " is in use\n"; });
  chat.room_hooks().on_leave([](const std::string& room, const std::string& id) {
    std::cout << id << " has left " << room << '\n';
  });
}

/// Stands for a query of a database.
void look_up(const std::string& name, const std::function<void(bool)>& done) {
  done(name != "/team-nobody");
}

void many_namespaces(server::server& s) {
  auto& shops = s.of([](std::string_view name, const auto&) { return name.starts_with("/shop-"); });
  shops.on_connection([](const socket_ptr& socket) {
    socket->nsp().emit("visitors", socket->nsp().socket_count());  // of this shop only
  });
  s.of(std::regex("^/shelf-[0-9]+$"));
  s.of([](std::string_view name, const auto&, const socketio::decision& decide) {
    look_up(std::string(name), [decide](bool exists) { decide(exists); });  // now or later
  });
}

void recovery(server::options& opts) {
  opts.socketio.recovery.enabled = true;
  opts.socketio.recovery.max_disconnection = milliseconds(60'000);
}

void join_unless_recovered(socketio::server_namespace& lobby) {
  lobby.on_connection([](const socket_ptr& socket) {
    if (!socket->recovered()) socket->join("lobby");  // a recovered socket is in its rooms already
  });
}

void settings(server::options& opts) {
  opts.paths = {"/socket.io/", "/ws/socket.io/"};
  opts.serve_client = "node_modules/socket.io-client/dist";  // <script src="/socket.io/socket.io.min.js">
  opts.net.cors_origins = {"https://example.com"};
  opts.net.max_connections_per_address = 100;
  opts.engineio.protocol.allow_eio3 = true;  // accept Socket.IO 2 clients
  opts.engineio.allow_request = [](const shared_request& request, server::admission admission) {
    if (request->header("user-agent")) return admission.allow();
    admission.reject("User-Agent required");  // can also be called later
  };
}

void requests(server::options& opts) {
  opts.engineio.middlewares.push_back([](const shared_request& request, server::request_next next) {
    if (request->method != "DELETE") return next({{"X-Frame-Options", "DENY"}});  // adds a header
    next.respond(net::http_response::error(405, "Method not allowed"));           // can also be called later
  });
  opts.engineio.on_connection_error = [](const server::connection_error& e) {
    std::cerr << e.code << ' ' << e.message << ": " << e.context << '\n';
  };
}

}  // namespace

int main() {
  server::options opts{.net = {.host = "127.0.0.1", .port = 3000}};
  recovery(opts);
  settings(opts);
  requests(opts);
  server::server s(opts);
  join_unless_recovered(s.of("/lobby"));
  middleware(s.of("/chat"));
  events(s.of("/chat"));
  many_namespaces(s);
  rooms(s.of("/chat"));
  s.of("/chat").on_connection([&s](const socket_ptr& socket) {
    arguments(socket);
    typed_handlers(socket);
    acknowledgements(socket);
    binary(socket);
    broadcasts(s.of("/chat"));
  });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  if (!s.listen()) return 1;

  const std::jthread thermometer([&s] {
    const double temperature = 21.5;  // a slow measurement
    s.post([&s, temperature] { s.of("/chat").emit("temperature", temperature); });
  });
  s.run();
}

// The server that socket.io-client's own tests need, instead of its test/support/server.ts. README.md tells
// how to run them.
#include <chrono>
#include <csignal>
#include <ctime>
#include <functional>
#include <initializer_list>
#include <iomanip>
#include <iostream>
#include <list>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "server/server.hpp"

using namespace emostream;
namespace json = boost::json;

namespace {

/// A namespace middleware that rejects all clients, or those for which `condition` holds.
socketio::middleware reject(std::string reason, std::function<bool(const socketio::socket&)> condition) {
  return [reason = std::move(reason), condition = std::move(condition)](
             const std::shared_ptr<socketio::socket>& socket, const socketio::next& next) {
    if (condition(*socket))
      next({reason});
    else
      next();
  };
}

/// What JavaScript's Date becomes in JSON.
std::string current_date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::ostringstream text;
  text << std::put_time(&utc, "%FT%T.000Z");
  return text.str();
}

json::object describe(const socketio::handshake& handshake) {
  json::object query;
  for (const auto& [name, value] : handshake.request->query) query[name] = value;
  return {{"query", query}, {"auth", handshake.auth}};
}

bool is_binary(const socketio::arguments& args, const json::value& value) {
  return args.attachment(value) != nullptr;
}

bool is_mixed(const socketio::arguments& args) {
  const auto* object = args.at(0).if_object();
  return object != nullptr && object->at("hello") == "lol" && object->at("goodbye") == "gotcha" &&
         is_binary(args, object->at("message"));
}

void add_text_handlers(socketio::socket& socket) {
  socket.on("hi", [&socket](socketio::event&) { socket.emit("hi"); });
  socket.on("echo", [](socketio::event& e) { e.ack(e.args); });
  socket.on("ack", [&socket](socketio::event&) {
    socket.emit("ack", {}, [&socket](const result<socketio::arguments>& answer) {
      if (answer && answer->at(0) == 5 && answer->at(1) == json::value({{"test", true}}))
        socket.emit("got it");
    });
  });
  socket.on("getAckDate", [](socketio::event& e) { e.ack(current_date()); });
  socket.on("getDate", [&socket](socketio::event&) { socket.emit("takeDate", current_date()); });
  socket.on("getDateObj", [&socket](socketio::event&) {
    socket.emit("takeDateObj", {{"date", current_date()}});
  });
  socket.on("getUtf8", [&socket](socketio::event&) {
    for (const char* text : {"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"})
      socket.emit("takeUtf8", text);
  });
  socket.on("false", [&socket](socketio::event&) { socket.emit("false", false); });
  socket.on("getHandshake", [&socket](socketio::event& e) { e.ack(describe(socket.handshake())); });
  socket.on("getId", [&socket](socketio::event& e) { e.ack(socket.id()); });
}

/// Emits `answer` once events with these names, in this order, have arrived, each with a binary argument
/// unless its name is `text`.
void expect_in_order(socketio::socket& socket, std::initializer_list<std::string> names,
                     std::string_view text, const std::string& answer) {
  const auto received = std::make_shared<std::size_t>(0);
  std::size_t index = 0;
  for (const std::string& name : names) {
    socket.on(name, [&socket, received, index, last = index + 1 == names.size(), is_text = name == text,
                     answer](socketio::event& e) {
      if (*received != index || is_binary(e.args, e.args.at(0)) == is_text) return;
      *received = index + 1;
      if (last) socket.emit(answer);
    });
    ++index;
  }
}

void add_binary_handlers(socketio::socket& socket) {
  for (const auto& [request, answer] : {std::pair("doge", "doge"), std::pair("getbin", "takebin")})
    socket.on(request, [&socket, answer = answer](socketio::event&) {
      socketio::arguments args;
      args.values.push_back(args.attach(std::make_shared<const std::string>("asdfasdf")));
      socket.emit(answer, args);
    });
  for (const auto& [name, answer] : {std::pair("buffa", "buffack"), std::pair("blob", "back")})
    socket.on(name, [&socket, answer = answer](socketio::event& e) {
      if (is_binary(e.args, e.args.at(0))) socket.emit(answer);
    });
  for (const auto& [name, answer] :
       {std::pair("jsonbuff", "jsonbuff-ack"), std::pair("jsonblob", "jsonblob-ack")})
    socket.on(name, [&socket, answer = answer](socketio::event& e) {
      if (is_mixed(e.args)) socket.emit(answer);
    });
  expect_in_order(socket, {"abuff1", "abuff2"}, "abuff2", "abuff2-ack");
  expect_in_order(socket, {"blob1", "blob2", "blob3"}, "blob2", "blob3-ack");
}

}  // namespace

int main() {
  server::options options{.net = {.host = "localhost", .port = 3210},
                          .engineio = {.protocol = {.ping_interval = milliseconds(2000)}},
                          .socketio = {.recovery = {.enabled = true}}};
  // Some tests need a server that does not answer at once.
  server::server* running = nullptr;
  std::list<net::timer> delays;
  options.engineio.allow_request = [&](const shared_request&, server::admission admission) {
    delays.push_back(running->after(milliseconds(10),
                                    [admission = std::move(admission)]() mutable { admission.allow(); }));
  };
  server::server s(std::move(options));
  running = &s;

  for (const char* name : {"/timeout_socket", "/valid", "/asd"}) s.of(name);
  s.of("/foo").on_connection([](const std::shared_ptr<socketio::socket>& socket) {
    socket->on("getId", [&socket = *socket](socketio::event& e) { e.ack(socket.id()); });
  });
  s.of("/abc").on_connection([](const std::shared_ptr<socketio::socket>& socket) {
    socket->emit("handshake", describe(socket->handshake()));
  });
  s.of("/no").use(reject("Auth failed (custom namespace)", [](const auto&) { return true; }));
  s.of("/").use(reject("Auth failed (main namespace)", [](const socketio::socket& socket) {
    return socket.handshake().request->parameter("fail").has_value();
  }));
  s.of("/").on_connection([](const std::shared_ptr<socketio::socket>& socket) {
    add_text_handlers(*socket);
    add_binary_handlers(*socket);
  });

  s.on_signals({SIGINT, SIGTERM}, [&s](int) { s.stop(); });
  if (const auto port = s.listen()) {
    s.run();
  } else {
    std::cerr << "cannot listen: " << port.error().message() << '\n';
    return 1;
  }
}

#include "server/server.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "server/http_client.hpp"
#include "socketio/error.hpp"
#include "temporary_folder.hpp"

namespace emostream::server {
namespace {

using socketio::event;
using test::http;
using testing::HasSubstr;
using testing::StartsWith;

using socket_ptr = std::shared_ptr<socketio::socket>;

constexpr milliseconds long_timeout{20'000};

/// A server on a free port. Its I/O thread runs from start() until the server stops, at the latest at the end
/// of the test.
class running_server : public testing::Test {
 protected:
  ~running_server() override {
    if (!io.joinable()) return;
    s->stop();
    io.join();
  }

  static options defaults() {
    options o;
    o.net.host = "127.0.0.1";
    o.net.port = 0;
    o.net.drain_grace = milliseconds(1);  // the clients of these tests do not poll for the close packet
    return o;
  }

  void make(options o = defaults()) { s = std::make_unique<server>(std::move(o)); }

  void start() {
    port = s->listen().value();
    io = std::thread([this] { s->run(); });
  }

  /// Opens an Engine.IO session over polling; returns the request target of its polls.
  [[nodiscard]] std::string open(const std::string& path = "/socket.io/") const {
    const std::string target = path + "?EIO=4&transport=polling";
    const std::string body = http(port, "GET", target).body;
    const auto from = body.find(R"("sid":")") + 7;
    return target + "&sid=" + body.substr(from, body.find('"', from) - from);
  }
  void send(const std::string& target, const std::string& packet) const {
    EXPECT_EQ(http(port, "POST", target, packet).body, "ok");
  }
  [[nodiscard]] std::string poll(const std::string& target) const { return http(port, "GET", target).body; }

  std::unique_ptr<server> s;
  std::uint16_t port = 0;
  std::thread io;
};

TEST_F(running_server, drops_volatile_events_between_two_polls) {
  make();
  s->of("/").on_connection([](const socket_ptr& socket) {
    socket->on("ask", [socket](event&) {
      socket->volatile_().emit("volatile");
      socket->emit("kept");
      socket->volatile_().emit("volatile");
    });
  });
  start();
  const auto client = open();
  send(client, "40");
  EXPECT_THAT(poll(client), StartsWith("40{"));
  send(client, R"(42["ask"])");
  EXPECT_EQ(poll(client), R"(42["kept"])");
}

TEST_F(running_server, serves_the_client_bundle_below_a_path_without_a_slash_at_the_end) {
  const temporary_folder folder;
  folder.write("socket.io.js", "bundle");
  options o = defaults();
  o.paths = {"/live"};
  o.serve_client = folder.path();
  make(o);
  start();
  EXPECT_EQ(http(port, "GET", "/live/socket.io.js").body, "bundle");
}

TEST_F(running_server, serves_clients_on_all_its_paths) {
  options o = defaults();
  o.paths = {"/socket.io/", "/ws/socket.io/"};
  make(o);
  s->of("/a").on_connection([](const socket_ptr& socket) {
    socket->on("echo", [](event& e) { e.ack(e.args); });
    socket->on("say", [socket](event& e) {
      socket->to(std::string(e.args.at(0).as_string())).emit("said", e.args.at(1));
    });
    socket->join("room");
  });
  s->alias("/ws/a", "/a");
  start();

  const std::string one = open();
  const std::string two = open("/ws/socket.io/");
  send(one, "40/a,");
  send(two, "40/ws/a,");
  EXPECT_THAT(poll(one), StartsWith(R"(40/a,{"sid":")"));
  EXPECT_THAT(poll(two), StartsWith(R"(40/ws/a,{"sid":")"));
  send(one, R"(42/a,7["echo",1,"two"])");
  EXPECT_EQ(poll(one), R"(43/a,7[1,"two"])");
  send(one, R"(42/a,["say","room","hello"])");
  EXPECT_EQ(poll(two), R"(42/ws/a,["said","hello"])");
}

TEST_F(running_server, serves_plain_routes) {
  make();
  s->route("GET", "/healthz", [](net::http_request, net::http_responder respond) {
    respond(net::http_response::of(200, "text/plain", std::string("fine")));
  });
  start();
  EXPECT_EQ(http(port, "GET", "/healthz").body, "fine");
  EXPECT_EQ(http(port, "GET", "/nothing").status, 404);
}

TEST_F(running_server, serves_the_browser_client_below_each_path) {
  options o = defaults();
  o.paths = {"/socket.io/", "/ws/socket.io/"};
  {
    const temporary_folder folder;
    for (const std::string file : {"socket.io.min.js", "socket.io.min.js.map", "package.json", "secret.js"})
      folder.write(file, "// " + file);
    o.serve_client = folder.path();
    make(o);
    start();
  }

  for (const std::string path : {"/socket.io/", "/ws/socket.io/"}) {
    const auto script = http(port, "GET", path + "socket.io.min.js");
    EXPECT_EQ(script.status, 200);
    EXPECT_EQ(script.body, "// socket.io.min.js");
    EXPECT_THAT(script.head, HasSubstr("text/javascript"));
    const auto tag_at = script.head.find("ETag: ");
    ASSERT_NE(tag_at, std::string::npos);
    const std::string tag = script.head.substr(tag_at + 6, script.head.find('\r', tag_at) - tag_at - 6);
    EXPECT_EQ(http(port, "GET", path + "socket.io.min.js", {}, "If-None-Match: " + tag + "\r\n").status, 304);
    EXPECT_EQ(http(port, "GET", path + "socket.io.min.js.map").status, 200);
    EXPECT_EQ(http(port, "GET", path + "secret.js").status, 404);
    EXPECT_EQ(http(port, "GET", path + "package.json").status, 404);
  }
}

TEST_F(running_server, throws_if_the_folder_of_the_client_bundles_is_missing) {
  options o = defaults();
  o.serve_client = "/nowhere/at/all";
  EXPECT_THROW(make(o), std::exception);
}

TEST_F(running_server, names_a_path_without_a_leading_slash) {
  const auto error_of = [](auto call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "none";
  };
  options o = defaults();
  o.paths = {"/socket.io/", "ws/socket.io/"};
  EXPECT_EQ(error_of([&] { make(o); }), R"(options::paths: a path must begin with a slash: "ws/socket.io/")");
  make();
  const auto handler = [](net::http_request, net::http_responder) {};
  EXPECT_EQ(error_of([&] { s->route("GET", "healthz", handler); }),
            R"(the path of a route must begin with a slash: "healthz")");
}

TEST_F(running_server, listen_returns_its_error) {
  make();
  start();
  options o = defaults();
  o.net.port = port;
  server second(o);
  EXPECT_EQ(second.listen().error(), std::errc::address_in_use);
}

TEST_F(running_server, runs_tasks_of_other_threads_in_order) {
  make();
  std::promise<std::thread::id> ran;
  int order = 0;
  s->post([&] { EXPECT_EQ(++order, 1); });
  start();
  s->post([] { throw std::runtime_error("a bug"); });
  s->post([] { throw 1; });
  s->post([&] {
    EXPECT_EQ(++order, 2);
    ran.set_value(std::this_thread::get_id());
  });
  EXPECT_EQ(ran.get_future().get(), io.get_id());
}

TEST_F(running_server, runs_timers_unless_they_are_destroyed) {
  make();
  std::promise<void> ran;
  std::atomic<int> calls = 0;
  net::timer bad = s->after(milliseconds(0), [] { throw 1; });
  {
    const auto destroyed = s->after(milliseconds(0), [&] { ++calls; });
  }
  net::timer good = s->after(milliseconds(1), [&] { ran.set_value(); });
  start();
  ran.get_future().get();
  EXPECT_EQ(calls, 0);
}

TEST_F(running_server, acknowledgements_time_out) {
  make();
  std::promise<std::error_code> ack_error;
  s->of("/").on_connection([&](const socket_ptr& socket) {
    socket->emit("x", {}, long_timeout, [](const result<socketio::arguments>&) {});
    socket->emit("y", {}, milliseconds(1),
                 [&](const result<socketio::arguments>& r) { ack_error.set_value(r.error()); });
  });
  start();
  send(open(), "40");
  EXPECT_EQ(ack_error.get_future().get(), socketio::error::ack_timeout);
}

TEST_F(running_server, closes_clients_that_connect_to_no_namespace) {
  options o = defaults();
  o.socketio.connect_timeout = milliseconds(1);
  make(o);
  start();
  EXPECT_EQ(poll(open()), "1");
}

TEST_F(running_server, drains_before_it_stops) {
  make();
  std::promise<std::function<void()>> drain_done;
  std::string reason;
  s->of("/").on_connection([&](const socket_ptr& socket) {
    socket->on("echo", [](event& e) { e.ack(e.args); });
    socket->on_disconnect([&](socketio::disconnect_reason r) { reason = r; });
  });
  s->on_drain([](const std::function<void()>& done) {
    done();
    done();  // a second call has no effect
  });
  s->on_drain([](const std::function<void()>&) { throw std::runtime_error("a bug"); });
  s->on_drain([&](std::function<void()> done) { drain_done.set_value(std::move(done)); });
  start();
  const std::string session = open();
  send(session, "40");
  const test::http_client open_connection(port);
  EXPECT_THAT(open_connection.request("GET", session).body, StartsWith("40{"));

  s->stop();
  s->stop();
  auto done = drain_done.get_future().get();
  EXPECT_EQ(test::http_client(port).request("GET", "/socket.io/?EIO=4&transport=polling").status, 503);
  s->post([&] { s->of("/").emit("last", "words"); });
  EXPECT_EQ(open_connection.request("GET", session).body, R"(42["last","words"])");
  s->post(std::move(done));
  io.join();
  EXPECT_EQ(reason, "server shutting down");
}

TEST_F(running_server, stops_after_the_drain_timeout) {
  options o = defaults();
  o.drain_timeout = milliseconds(1);
  make(o);
  s->on_drain([](const std::function<void()>&) {});
  start();
  s->stop();
  io.join();
}

TEST_F(running_server, stop_now_does_not_wait_for_drain_handlers) {
  make();
  s->on_drain([](std::function<void()>) {});  // never calls `done`
  start();
  s->stop();
  s->stop_now();
  io.join();
}

TEST_F(running_server, may_be_stopped_by_a_signal) {
  make();
  s->on_signals({SIGUSR1}, [&](int) {
    s->stop();
    throw 1;
  });
  start();
  std::promise<void> running;
  s->post([&] { running.set_value(); });
  running.get_future().get();
  ::kill(::getpid(), SIGUSR1);
  io.join();
}

TEST_F(running_server, sockets_may_outlive_it) {
  make();
  socket_ptr kept;
  std::promise<void> connected;
  s->of("/").on_connection([&](socket_ptr socket) {
    kept = std::move(socket);
    connected.set_value();
  });
  start();
  send(open(), "40");
  connected.get_future().get();
  s->stop();
  io.join();
  s.reset();
  EXPECT_FALSE(kept->connected());
  kept->emit("x", 1);
}

}  // namespace
}  // namespace emostream::server

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_fixture.hpp"
#include "server/server_stats.hpp"

namespace emostream::server {

using namespace net;  // the HTTP server and the test client

/// An http_server with Engine.IO sessions that echo messages. Exceptions: "close" closes the session, "throw"
/// and "throw number" throw an exception, messages that begin with "plain" are echoed uncompressed, "target"
/// is answered with the request target of the session, "twice" with two messages, and "flood" with more than
/// a session may buffer.
struct engineio_fixture : http_fixture {
  engineio_server_options engine_opts;
  std::optional<engineio_server> engine;

  ~engineio_fixture() override {
    stop();
    server.reset();
  }

  /// Starts the server; `configure` adds routes and the like before.
  template <class Configure>
  void start(Configure configure) {
    http_fixture::start([&](http_server& http) {
      configure(http);
      engine.emplace(http, engine_opts);
      for (const auto* path : {"/engine.io/", "/ws/socket.io/"})
        engine->mount(path, [this](std::shared_ptr<engineio_session> s) {
          return std::make_unique<echo>(*this, std::move(s));
        });
    });
  }
  void start() {
    start([](http_server&) {});
  }

  server_stats stats() {
    return on_io_thread([this] { return server_stats::of(server->stats(), engine->stats()); });
  }

  /// Waits up to ten seconds for the next session to close; returns the reason, or "never".
  std::string next_close() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !closed_.empty(); }))
      return "never";
    auto reason = std::move(closed_.front());
    closed_.erase(closed_.begin());
    return reason;
  }

  /// Opens a session by polling; returns the request target of its polls.
  static std::string open_polling(client& c) {
    const auto a = c.get("/engine.io/?EIO=4&transport=polling");
    EXPECT_EQ(a.status, 200);
    return "/engine.io/?EIO=4&transport=polling&sid=" + sid_of(a.body);
  }
  /// The request target that upgrades the session with this polling target.
  static std::string websocket_of(std::string polling) {
    const std::string_view name = "polling";
    return polling.replace(polling.find(name), name.size(), "websocket");
  }
  /// A client with an open WebSocket session.
  client open_websocket() const {
    client c(port);
    EXPECT_EQ(c.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
    EXPECT_TRUE(c.read_content().starts_with("0{"));
    return c;
  }

 private:
  struct echo : engineio_session_handler {
    echo(engineio_fixture& f, std::shared_ptr<engineio_session> s) : fixture(f), session(std::move(s)) {}
    void on_message(const incoming_message& incoming) override {
      message m{incoming.to_shared(), incoming.binary};
      if (*m.data == "close") return session->close();
      if (*m.data == "throw") throw std::runtime_error("on purpose");
      if (*m.data == "throw number") throw 1;
      if (m.data->starts_with("plain")) m.compress = false;
      if (*m.data == "target") m = message::text(session->request()->target);
      if (*m.data == "twice") {
        const std::vector both{message::text("one"), message::bytes("two")};
        return session->send(both);
      }
      if (*m.data == "flood") {
        const auto big = message::text(std::string(1'000'000, 'x'));
        for (int i = 0; i < 10; ++i) session->send({&big, 1});
        return;
      }
      session->send({&m, 1});
    }
    void on_close(engineio::close_reason reason) override {
      const std::lock_guard lock(fixture.mutex_);
      fixture.closed_.emplace_back(to_string(reason));
      fixture.changed_.notify_all();
    }
    engineio_fixture& fixture;
    std::shared_ptr<engineio_session> session;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> closed_;
};

}  // namespace emostream::server

#pragma once

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "net/client.hpp"
#include "net/http/http_server.hpp"

namespace emostream::net {

/// A server in a thread of its own, on a free port, whose Engine.IO sessions echo; "close" closes, "throw"
/// throws, what begins with "plain" comes back uncompressed, and "flood" sends more than anyone may buffer.
struct server_fixture : testing::Test {
  options opts;
  std::optional<http_server> server;
  std::uint16_t port = 0;

  server_fixture() {
    opts.host = "127.0.0.1";
    opts.port = 0;
    opts.drain_grace = milliseconds(20);
  }
  ~server_fixture() override { stop(); }

  /// Starts it; `set_up` adds routes.
  template <class SetUp>
  void start(SetUp set_up) {
    server.emplace(opts);
    set_up(*server);
    for (const auto* path : {"/engine.io/", "/ws/socket.io/"})
      server->mount(
          path, [this](std::shared_ptr<session> s) { return std::make_unique<echo>(*this, std::move(s)); });
    port = server->listen().value();
    thread_ = std::thread([this] { server->run(); });
  }
  void start() {
    start([](http_server&) {});
  }
  /// Drains it and waits for the end of run().
  void stop() {
    if (!thread_.joinable()) return;
    server->post([this] { server->close_all(); });
    thread_.join();
  }
  /// Waits for run() to return by itself.
  void join() { thread_.join(); }

  /// What `f` gives on the I/O thread.
  template <class F>
  auto on_io_thread(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto future = task.get_future();
    server->post([&task] { task(); });
    return future.get();
  }
  server_stats stats() {
    return on_io_thread([this] { return server->stats(); });
  }

  /// Waits for the next session to end; why it did.
  std::string next_close() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !closed_.empty(); }))
      return "never";
    auto reason = std::move(closed_.front());
    closed_.erase(closed_.begin());
    return reason;
  }

  client connect() const { return client(port); }

  /// Opens a session by polling; the query that names it.
  static std::string open_polling(client& c) {
    const auto a = c.get("/engine.io/?EIO=4&transport=polling");
    EXPECT_EQ(a.status, 200);
    return "/engine.io/?EIO=4&transport=polling&sid=" + sid_of(a.body);
  }
  static std::string websocket_of(std::string polling) {
    const std::string_view name = "polling";
    return polling.replace(polling.find(name), name.size(), "websocket");
  }
  /// A client with an open WebSocket session.
  client open_websocket() const {
    client c(port);
    EXPECT_EQ(c.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
    EXPECT_TRUE(c.text().starts_with("0{"));
    return c;
  }

 private:
  struct echo : session_handler {
    echo(server_fixture& f, std::shared_ptr<session> s) : fixture(f), self(std::move(s)) {}
    void on_message(const incoming_message& incoming) override {
      message m{incoming.to_shared(), incoming.binary};
      if (*m.data == "close") return self->close();
      if (*m.data == "throw") throw std::runtime_error("on purpose");
      if (m.data->starts_with("plain")) m.compress = false;
      if (*m.data == "target") m = message::text(self->request()->target);
      if (*m.data == "twice") {
        const std::vector both{message::text("one"), message::bytes("two")};
        return self->send(both);
      }
      if (*m.data == "flood") {
        const auto big = message::text(std::string(1'000'000, 'x'));
        for (int i = 0; i < 10; ++i) self->send({&big, 1});
        return;
      }
      self->send({&m, 1});
    }
    void on_close(engineio::close_reason reason) override {
      const std::lock_guard lock(fixture.mutex_);
      fixture.closed_.emplace_back(to_string(reason));
      fixture.changed_.notify_all();
    }
    server_fixture& fixture;
    std::shared_ptr<session> self;
  };

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> closed_;
};

}  // namespace emostream::net

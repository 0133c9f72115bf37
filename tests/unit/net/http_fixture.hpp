#pragma once

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "net/client.hpp"
#include "net/http/http_server.hpp"

namespace emostream::net {

/// An http_server on its own thread and a free port.
struct http_fixture : testing::Test {
  options opts;
  std::optional<http_server> server;
  std::uint16_t port = 0;

  http_fixture() {
    opts.host = "127.0.0.1";
    opts.port = 0;
    opts.drain_grace = milliseconds(20);
  }
  ~http_fixture() override { stop(); }

  /// Starts the server; `configure` adds routes and the like before.
  template <class Configure>
  void start(Configure configure) {
    server.emplace(opts);
    configure(*server);
    port = server->listen().value();
    thread_ = std::thread([this] { server->run(); });
  }
  void start() {
    start([](http_server&) {});
  }
  /// Shuts the server down gracefully and waits until run() has returned.
  void stop() {
    if (!thread_.joinable()) return;
    server->post([this] { server->close_all(); });
    thread_.join();
  }
  /// Waits until run() has returned.
  void join() { thread_.join(); }

  /// Calls `f` on the I/O thread and returns its result.
  template <class F>
  auto on_io_thread(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto future = task.get_future();
    server->post([&task] { task(); });
    return future.get();
  }
  http_stats stats() {
    return on_io_thread([this] { return server->stats(); });
  }

  client connect() const { return client(port); }

 private:
  std::thread thread_;
};

}  // namespace emostream::net

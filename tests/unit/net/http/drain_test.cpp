#include <csignal>

#include "net/http_fixture.hpp"

namespace emostream::net {
namespace {

struct drain_test : http_fixture {
  int sigusr1_count = 0;

  void close_all() {
    server->post([this] { server->close_all(); });
  }
};

TEST_F(drain_test, a_server_without_connections_stops_immediately) {
  start();
  close_all();
  join();
}

TEST_F(drain_test, closes_idle_connections) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get("/").status, 404);
  close_all();
  EXPECT_TRUE(c.at_end());
  join();
}

TEST_F(drain_test, completes_requests_in_progress) {
  http_responder deferred;
  start([&](http_server& s) {
    s.route("GET", "/later", [&](http_request, http_responder respond) { deferred = std::move(respond); });
  });
  auto c = connect();
  c.send_request("GET", "/later");
  while (!on_io_thread([&] { return static_cast<bool>(deferred); })) {
  }
  close_all();
  server->post([&] { deferred(http_response::of(200, "text/plain", std::string("done"))); });
  EXPECT_EQ(c.read_response().body, "done");
  EXPECT_TRUE(c.at_end());
  join();
}

TEST_F(drain_test, a_server_can_be_destroyed_without_running) {
  {
    http_server s(opts);
    port = s.listen().value();
    auto c = connect();
    s.post([] { FAIL(); });
    [[maybe_unused]] auto t = s.call_after(milliseconds(0), [] { FAIL(); });
  }
  EXPECT_THROW(connect(), std::runtime_error);
}

TEST_F(drain_test, signals_call_the_handler) {
  start([this](http_server& s) {
    s.on_signals({SIGUSR1, SIGUSR2}, [this](int signal) {
      if (signal == SIGUSR1) ++sigusr1_count;
      if (signal == SIGUSR2) server->close_all();
    });
  });
  for (int i = 1; i <= 2; ++i) {
    ::raise(SIGUSR1);
    while (on_io_thread([this] { return sigusr1_count; }) < i) {
    }
  }
  ::raise(SIGUSR2);
  join();
}

}  // namespace
}  // namespace emostream::net

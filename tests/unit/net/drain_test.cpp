#include <csignal>

#include "net/fixture.hpp"

namespace emostream::net {
namespace {

struct drain_test : server_fixture {
  int first_signals = 0;

  void close_all() {
    server->post([this] { server->close_all(); });
  }
};

TEST_F(drain_test, an_empty_server_is_through_at_once) {
  start();
  close_all();
  join();
}

TEST_F(drain_test, ends_idle_connections) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get("/").status, 404);
  close_all();
  EXPECT_TRUE(c.at_end());
  join();
}

TEST_F(drain_test, closes_websockets_properly) {
  start();
  auto c = open_websocket();
  c.send_text("4a");
  EXPECT_EQ(c.text(), "4a");
  close_all();
  EXPECT_EQ(c.frame().first, 0x88);
  c.send_frame(0x88, "\x03\xe8");
  EXPECT_TRUE(c.at_end());
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, answers_polls_with_a_close) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 2) {
  }
  close_all();
  const auto a = c.read_answer();
  EXPECT_EQ(a.body, "1");
  EXPECT_EQ(a.header("connection"), "close");
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, answers_what_is_under_way) {
  http_responder waiting;
  start([&](http_server& s) {
    s.route("GET", "/later", [&](http_request, http_responder respond) { waiting = std::move(respond); });
  });
  auto c = connect();
  c.send_request("GET", "/later");
  while (!on_io_thread([&] { return static_cast<bool>(waiting); })) {
  }
  close_all();
  server->post([&] { waiting(http_response::of(200, "text/plain", std::string("done"))); });
  EXPECT_EQ(c.read_answer().body, "done");
  EXPECT_TRUE(c.at_end());
  join();
}

TEST_F(drain_test, does_not_wait_for_ever) {
  opts.drain_grace = milliseconds(50);
  start();
  auto c = connect();
  open_polling(c);  // and never polls
  auto w = open_websocket();
  close_all();
  join();
  EXPECT_EQ(next_close(), "server shutting down");
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, does_not_wait_for_a_client_that_has_stopped_polling) {
  opts.drain_grace = milliseconds(60'000);
  opts.poll_gap = milliseconds(0);
  start();
  auto c = connect();
  open_polling(c);  // and never polls
  close_all();
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, waits_for_one_that_is_between_two_polls) {
  opts.drain_grace = milliseconds(60'000);
  opts.poll_gap = milliseconds(60'000);
  start();
  auto c = connect();
  const auto session = open_polling(c);
  close_all();
  EXPECT_EQ(c.get(session).body, "1");
  join();
}

TEST_F(drain_test, may_be_cut_short) {
  opts.drain_grace = milliseconds(60'000);
  start();
  auto w = open_websocket();  // which does not answer the close
  close_all();
  EXPECT_EQ(w.frame().first, 0x88);
  server->stop_now();
  join();
}

TEST_F(drain_test, refuses_new_sessions_and_serves_the_others) {
  start();
  auto polling = connect();
  const auto session = open_polling(polling);
  auto websocket = open_websocket();
  on_io_thread([this] { server->refuse_sessions(); });
  auto late = connect();
  late.send_request("GET", "/engine.io/?EIO=4&transport=polling");
  EXPECT_EQ(late.read_answer().status, 503);
  websocket.send_text("4still here");
  EXPECT_EQ(websocket.text(), "4still here");
  auto fresh = connect();  // as clients without keep-alive need it for each poll
  fresh.send_request("GET", session);
  close_all();
  EXPECT_EQ(fresh.read_answer().body, "1");
}

TEST_F(drain_test, a_server_may_go_without_having_run) {
  {
    http_server s(opts);
    port = s.listen().value();
    auto c = connect();
    s.post([] { FAIL(); });
    [[maybe_unused]] auto t = s.call_after(milliseconds(0), [] { FAIL(); });
  }
  EXPECT_THROW(connect(), std::runtime_error);
}

TEST_F(drain_test, signals) {
  start([this](http_server& s) {
    s.on_signals({SIGUSR1, SIGUSR2}, [this](int signal) {
      if (signal == SIGUSR1) ++first_signals;
      if (signal == SIGUSR2) server->close_all();
    });
  });
  for (int i = 1; i <= 2; ++i) {
    ::raise(SIGUSR1);
    while (on_io_thread([this] { return first_signals; }) < i) {
    }
  }
  ::raise(SIGUSR2);
  join();
}

}  // namespace
}  // namespace emostream::net

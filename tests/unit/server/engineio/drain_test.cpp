#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct drain_test : engineio_fixture {
  void close_all() {
    server->post([this] { server->close_all(); });
  }
};

TEST_F(drain_test, closes_websockets_with_a_closing_handshake) {
  start();
  auto c = open_websocket();
  c.send_text("4a");
  EXPECT_EQ(c.read_content(), "4a");
  close_all();
  EXPECT_EQ(c.read_frame().first, 0x88);
  c.send_frame(0x88, "\x03\xe8");
  EXPECT_TRUE(c.at_end());
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, responds_to_polls_with_a_close_packet) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 2) {
  }
  close_all();
  const auto a = c.read_response();
  EXPECT_EQ(a.body, "1");
  EXPECT_EQ(a.header("connection"), "close");
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, stops_after_the_drain_grace) {
  opts.drain_grace = milliseconds(50);
  start();
  auto c = connect();
  open_polling(c);  // the client never polls
  auto w = open_websocket();
  close_all();
  join();
  EXPECT_EQ(next_close(), "server shutting down");
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, does_not_wait_for_a_client_that_has_stopped_polling) {
  opts.drain_grace = milliseconds(60'000);
  engine_opts.poll_reconnect_grace = milliseconds(0);
  start();
  auto c = connect();
  open_polling(c);  // the client never polls
  close_all();
  join();
  EXPECT_EQ(next_close(), "server shutting down");
}

TEST_F(drain_test, waits_for_a_client_between_two_polls) {
  opts.drain_grace = milliseconds(60'000);
  engine_opts.poll_reconnect_grace = milliseconds(60'000);
  start();
  auto c = connect();
  const auto session = open_polling(c);
  close_all();
  EXPECT_EQ(c.get(session).body, "1");
  join();
}

TEST_F(drain_test, stop_now_ends_a_drain) {
  opts.drain_grace = milliseconds(60'000);
  start();
  auto w = open_websocket();  // the client does not answer the close frame
  close_all();
  EXPECT_EQ(w.read_frame().first, 0x88);
  server->stop_now();
  join();
}

TEST_F(drain_test, rejects_new_sessions_and_serves_open_ones) {
  start();
  auto polling = connect();
  const auto session = open_polling(polling);
  auto websocket = open_websocket();
  on_io_thread([this] { engine->reject_new_sessions(); });
  auto late = connect();
  late.send_request("GET", "/engine.io/?EIO=4&transport=polling");
  EXPECT_EQ(late.read_response().status, 503);
  websocket.send_text("4still here");
  EXPECT_EQ(websocket.read_content(), "4still here");
  auto other = connect();  // another connection, as from a client without keep-alive
  other.send_request("GET", session);
  close_all();
  EXPECT_EQ(other.read_response().body, "1");
}

}  // namespace
}  // namespace emostream::server

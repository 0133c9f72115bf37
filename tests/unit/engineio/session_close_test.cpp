#include "session_fixture.hpp"

namespace emostream::engineio {
namespace {

using namespace std::chrono_literals;

struct session_close_test : session_fixture {};

TEST_F(session_close_test, server_closes_an_idle_websocket_immediately) {
  open(transport::websocket);
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_TRUE(closes_websocket());
  EXPECT_EQ(closed(), "forced server close");
  EXPECT_TRUE(s->closed());
}

TEST_F(session_close_test, server_close_waits_for_queued_packets_on_a_websocket) {
  open(transport::websocket);
  send("last");
  s->close(close_reason::server_shutting_down, now, out);
  EXPECT_EQ(closed(), "");
  send("too late");
  receive("4ignored");
  EXPECT_EQ(written(), "4last");
  EXPECT_TRUE(closes_websocket());
  EXPECT_EQ(closed(), "server shutting down");
  EXPECT_EQ(delivered(), "");
}

TEST_F(session_close_test, server_close_waits_for_a_pending_write) {
  open(transport::websocket);
  send("last");
  std::vector<packet> packets;
  s->take_packets(packets);
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_EQ(closed(), "");
  s->packets_written(out);
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_close_test, server_close_answers_the_pending_poll) {
  open();
  poll();
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_EQ(polled(), "1");
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_close_test, server_close_is_sent_in_its_own_response_after_queued_packets) {
  open();
  send("last");
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_EQ(closed(), "");
  EXPECT_EQ(poll(), "4last");
  EXPECT_EQ(closed(), "");
  EXPECT_EQ(poll(), "1");
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_close_test, server_close_follows_a_full_poll_response) {
  opts.max_polled_packets = 2;
  open();
  for (const auto* text : {"a", "b"}) send(text);
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_EQ(poll(),
            "4a\x1e"
            "4b");
  EXPECT_EQ(closed(), "");
  EXPECT_EQ(poll(), "1");
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_close_test, server_close_times_out_if_the_client_does_not_poll) {
  open();
  s->close(close_reason::forced_server_close, now, out);
  wait(29'999ms);
  EXPECT_EQ(closed(), "");
  wait(1ms);
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_close_test, second_close_is_ignored) {
  open();
  s->close(close_reason::forced_server_close, now, out);
  s->close(close_reason::server_shutting_down, now, out);
  EXPECT_EQ(poll(), "1");
  EXPECT_EQ(closed(), "forced server close");
  s->close(close_reason::server_shutting_down, now, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(session_close_test, keeps_its_reason_if_the_websocket_closes_meanwhile) {
  open(transport::websocket);
  send("last");
  s->close(close_reason::server_shutting_down, now, out);
  s->websocket_closed(close_reason::transport_close, out);
  EXPECT_EQ(closed(), "server shutting down");
}

TEST_F(session_close_test, close_packet_ends_the_pending_poll_with_a_noop) {
  open();
  poll();
  EXPECT_TRUE(
      post("4bye\x1e"
           "1\x1e"
           "4late"));
  EXPECT_EQ(delivered(), "bye");
  EXPECT_EQ(polled(), "6");
  EXPECT_EQ(closed(), "forced close");
}

TEST_F(session_close_test, close_packet_closes_the_websocket) {
  open(transport::websocket);
  receive("1");
  EXPECT_TRUE(closes_websocket());
  EXPECT_EQ(closed(), "forced close");
}

TEST_F(session_close_test, closed_websocket_closes_the_session) {
  for (const auto reason : {close_reason::transport_close, close_reason::transport_error}) {
    open(transport::websocket);
    s->websocket_closed(reason, out);
    EXPECT_FALSE(closes_websocket());
    EXPECT_EQ(closed(), to_string(reason));
    s->websocket_closed(reason, out);
    EXPECT_TRUE(out.empty());
  }
}

TEST_F(session_close_test, closed_session_ignores_calls_and_rejects_requests) {
  open();
  poll();
  s->close(close_reason::forced_server_close, now, out);
  out.clear();
  send("x");
  receive("4x");
  s->tick(now + 100s, out);
  s->abort_poll(out);
  s->websocket_closed(close_reason::transport_close, out);
  s->packets_written(out);
  EXPECT_TRUE(out.empty());
  EXPECT_FALSE(s->has_packets());
  EXPECT_FALSE(s->deadline());
  EXPECT_FALSE(s->poll(now, out));
  EXPECT_FALSE(s->begin_post(false, out));
  EXPECT_FALSE(s->attach_websocket(now));
}

TEST_F(session_close_test, reasons_have_the_texts_of_the_node_server) {
  EXPECT_EQ(to_string(close_reason::transport_error), "transport error");
  EXPECT_EQ(to_string(close_reason::transport_close), "transport close");
  EXPECT_EQ(to_string(close_reason::forced_close), "forced close");
  EXPECT_EQ(to_string(close_reason::ping_timeout), "ping timeout");
  EXPECT_EQ(to_string(close_reason::parse_error), "parse error");
  EXPECT_EQ(to_string(close_reason::server_shutting_down), "server shutting down");
  EXPECT_EQ(to_string(close_reason::forced_server_close), "forced server close");
}

}  // namespace
}  // namespace emostream::engineio

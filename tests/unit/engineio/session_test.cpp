#include "engineio/session.hpp"

#include "session_fixture.hpp"

namespace emostream::engineio {
namespace {

using namespace std::chrono_literals;

struct session_test : session_fixture {};

TEST_F(session_test, opens_with_polling) {
  s = std::make_unique<session>("sid", transport::polling, opts, now);
  EXPECT_EQ(
      poll(),
      R"(0{"sid":"sid","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(s->transport(), transport::polling);
  EXPECT_FALSE(s->has_packets());
}

TEST_F(session_test, opens_with_websocket) {
  s = std::make_unique<session>("sid", transport::websocket, opts, now);
  EXPECT_TRUE(s->has_packets());
  EXPECT_EQ(written(),
            R"(0{"sid":"sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_FALSE(s->has_packets());
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, answers_a_pending_poll_when_a_message_is_sent) {
  open();
  EXPECT_EQ(poll(), "");
  send("hello");
  EXPECT_EQ(polled(), "4hello");
}

TEST_F(session_test, queues_messages_until_the_next_poll) {
  open();
  send("a");
  const std::vector batch{message::text("b"), message::bytes("\x01\x02\x03")};
  s->send(batch, out);
  EXPECT_GT(s->buffered_bytes(), 0U);
  EXPECT_EQ(poll(),
            "4a\x1e"
            "4b\x1e"
            "bAQID");
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, limits_the_packets_of_a_poll_response) {
  opts.max_polled_packets = 2;
  open();
  for (const auto* text : {"a", "b", "c"}) send(text);
  EXPECT_EQ(poll(),
            "4a\x1e"
            "4b");
  EXPECT_EQ(poll(), "4c");
}

TEST_F(session_test, drains_a_long_queue_over_many_polls) {
  opts.max_polled_packets = 16;
  open();
  constexpr int messages = 100'000;
  for (int i = 0; i < messages; ++i) send(std::to_string(i));
  EXPECT_EQ(closed(), "");
  int received = 0;
  int polls = 0;
  for (std::string response; !(response = poll()).empty(); ++polls) {
    const auto packets = decode_payload(response, 16);
    ASSERT_TRUE(packets);
    for (const auto& p : *packets) ASSERT_EQ(p.text(), std::to_string(received++));
  }
  EXPECT_EQ(received, messages);
  EXPECT_EQ(polls, messages / 16);
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, delivers_posted_messages) {
  open();
  EXPECT_TRUE(
      post("4one\x1e"
           "bAQI=\x1e"
           "4"));
  EXPECT_EQ(delivered(), "one b:\x01\x02 ");
  EXPECT_EQ(closed(), "");
}

TEST_F(session_test, closes_on_a_malformed_payload_without_delivering_any_of_it) {
  open();
  EXPECT_FALSE(
      post("4one\x1e"
           "abc"));
  EXPECT_EQ(delivered(), "");
  EXPECT_EQ(closed(), "parse error");
  EXPECT_FALSE(s->deadline());
}

TEST_F(session_test, rejects_a_payload_that_is_too_large_and_stays_open) {
  opts.max_http_buffer_size = 10;
  open();
  EXPECT_TRUE(post("4234567890"));
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_EQ(s->finish_post("42345678901", now, out).error(), error::payload_too_large);
  s->end_post();
  EXPECT_TRUE(post("4x"));
  EXPECT_EQ(delivered(), "234567890 x");
}

TEST_F(session_test, rejects_too_many_packets) {
  opts.max_received_packets = 2;
  open();
  EXPECT_TRUE(
      post("4\x1e"
           "4"));
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_EQ(s->finish_post("4\x1e"
                           "4\x1e"
                           "4",
                           now, out)
                .error(),
            error::too_many_packets);
  EXPECT_EQ(closed(), "parse error");
}

TEST_F(session_test, overlapping_poll_closes_the_session_and_both_are_answered) {
  open();
  poll();
  EXPECT_EQ(s->poll(now, out).error(), error::overlapping_request);
  EXPECT_EQ(polled(), "1");
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, overlapping_post_closes_the_session_and_both_are_rejected) {
  open();
  poll();
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_EQ(s->begin_post(false, out).error(), error::overlapping_request);
  EXPECT_EQ(polled(), "1");
  EXPECT_EQ(closed(), "transport error");
  EXPECT_FALSE(s->finish_post("4x", now, out));
  EXPECT_EQ(delivered(), "");
}

TEST_F(session_test, another_post_is_accepted_after_an_aborted_one) {
  open();
  ASSERT_TRUE(s->begin_post(false, out));
  s->end_post();
  EXPECT_TRUE(post("4x"));
  EXPECT_EQ(delivered(), "x");
}

TEST_F(session_test, octet_stream_closes_the_session) {
  open();
  EXPECT_EQ(s->begin_post(true, out).error(), error::octet_stream);
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, aborted_poll_closes_the_session) {
  open();
  poll();
  s->abort_poll(out);
  EXPECT_EQ(closed(), "transport error");
  EXPECT_EQ(polled(), "");
  EXPECT_FALSE(s->poll(now, out));
}

TEST_F(session_test, aborting_without_a_pending_poll_is_ignored) {
  open();
  s->abort_poll(out);
  EXPECT_EQ(closed(), "");
}

TEST_F(session_test, packets_share_the_bytes_of_the_message) {
  open(transport::websocket);
  const auto m = message::text("shared");
  s->send({&m, 1}, out);
  std::vector<packet> packets;
  s->take_packets(packets);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].data.get(), m.data.get());
}

TEST_F(session_test, receives_and_sends_text_and_binary_over_websocket) {
  open(transport::websocket);
  receive("4hi");
  s->receive("\x04", true, now, out);
  EXPECT_EQ(delivered(), "hi b:\x04");
  const std::vector batch{message::text("a"), message::bytes("b")};
  s->send(batch, out);
  EXPECT_EQ(written(), "4a b");
}

TEST_F(session_test, receives_and_sends_binary_as_base64_over_websocket) {
  s = std::make_unique<session>("sid", transport::websocket, opts, now, codec(protocol::v4, true));
  written();
  receive("bBA==");
  receive("b");
  EXPECT_EQ(delivered(), "b:\x04 b:");
  const std::vector batch{message::text("a"), message::bytes("\x04")};
  s->send(batch, out);
  EXPECT_EQ(written(), "4a bBA==");
}

TEST_F(session_test, taken_packets_count_as_buffered_until_written) {
  open(transport::websocket);
  send("a");
  std::vector<packet> packets;
  s->take_packets(packets);
  EXPECT_GT(s->buffered_bytes(), 0U);
  EXPECT_FALSE(s->has_packets());
  s->packets_written(out);
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, is_writable_with_polling_while_a_poll_waits) {
  open();
  EXPECT_FALSE(s->writable());
  EXPECT_EQ(poll(), "");
  EXPECT_TRUE(s->writable());
  send("a");  // answers the poll
  EXPECT_FALSE(s->writable());
}

TEST_F(session_test, is_writable_with_websocket_while_nothing_is_buffered) {
  open(transport::websocket);
  EXPECT_TRUE(s->writable());
  send("a");
  EXPECT_FALSE(s->writable());
  EXPECT_EQ(written(), "4a");
  EXPECT_TRUE(s->writable());
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_FALSE(s->writable());
}

TEST_F(session_test, closes_on_a_client_that_does_not_read) {
  for (const auto first : {transport::polling, transport::websocket}) {
    opts.max_buffered_bytes = 1000;
    open(first);
    for (int i = 0; i < 5; ++i) send(std::string(150, 'x'));
    EXPECT_EQ(closed(), "");
    EXPECT_FALSE(s->overflowed());
    for (int i = 0; i < 2; ++i) send(std::string(150, 'x'));
    EXPECT_EQ(closed(), "transport error");
    EXPECT_TRUE(s->overflowed());
    EXPECT_EQ(s->buffered_bytes(), 0U);
    EXPECT_EQ(closes_websocket(), first == transport::websocket);
    send("ignored");
    EXPECT_EQ(s->buffered_bytes(), 0U);
  }
}

TEST_F(session_test, empty_messages_count_as_buffered) {
  opts.max_buffered_bytes = 1000;
  open();
  for (int i = 0; i < 1000 && !s->closed(); ++i) send("");
  EXPECT_TRUE(s->overflowed());
}

TEST_F(session_test, closes_on_malformed_or_unexpected_packets) {
  for (const auto* message_text : {"", "abc", "7", "/", "bA", "b*", "0{}", "5"}) {
    open(transport::websocket);
    receive(message_text);
    EXPECT_EQ(closed(), "parse error") << message_text;
    EXPECT_TRUE(closes_websocket());
    receive("4late");
    EXPECT_EQ(delivered(), "");
  }
}

TEST_F(session_test, closes_on_a_ping_from_the_client) {
  open(transport::websocket);
  receive("2");
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, ignores_a_noop) {
  open(transport::websocket);
  receive("6");
  EXPECT_TRUE(out.empty());
}

TEST_F(session_test, rejects_polling_and_upgrades_on_a_websocket_session) {
  open(transport::websocket);
  EXPECT_EQ(s->poll(now, out).error(), error::bad_request);
  EXPECT_EQ(s->begin_post(false, out).error(), error::bad_request);
  EXPECT_EQ(s->attach_websocket(now).error(), error::bad_request);
  EXPECT_TRUE(out.empty());
}

// Heartbeat.

TEST_F(session_test, stays_open_while_pings_are_answered) {
  open(transport::websocket);
  EXPECT_EQ(s->deadline(), now + 25s);
  for (int i = 0; i < 3; ++i) {
    wait(25s);
    EXPECT_EQ(written(), "2");
    EXPECT_EQ(s->deadline(), now + 20s);
    wait(19'999ms);
    receive("3");
    EXPECT_EQ(s->deadline(), now + 25s);
  }
  EXPECT_TRUE(out.empty());
}

TEST_F(session_test, ping_timeout_on_a_websocket) {
  open(transport::websocket);
  wait(44'999ms);
  EXPECT_EQ(closed(), "");
  wait(1ms);
  EXPECT_EQ(closed(), "ping timeout");
  EXPECT_TRUE(closes_websocket());
  EXPECT_FALSE(s->deadline());
}

TEST_F(session_test, ping_timeout_with_polling) {
  open();
  wait(25s);
  EXPECT_EQ(poll(), "2");
  EXPECT_TRUE(post("3"));
  poll();
  wait(45s);
  EXPECT_EQ(polled(), "2");
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, rejects_a_poll_after_the_ping_timeout_even_if_the_timer_is_late) {
  open();
  wait(25s);
  now += 20s;
  EXPECT_FALSE(s->poll(now, out));
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, small_timer_delay_does_not_extend_the_ping_timeout) {
  open(transport::websocket);
  const auto opened = now;
  s->tick(now + 25'050ms, out);
  EXPECT_EQ(s->deadline(), opened + 45s);
}

TEST_F(session_test, late_ping_leaves_most_of_the_ping_timeout) {
  open(transport::websocket);
  s->tick(now + 40s, out);
  EXPECT_EQ(s->deadline(), now + 40s + 18s);
}

TEST_F(session_test, messages_do_not_count_as_pongs) {
  open(transport::websocket);
  wait(25s);
  receive("4x");
  wait(20s);
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, unsolicited_pong_does_not_postpone_the_ping) {
  open(transport::websocket);
  wait(24s);
  receive("3");
  EXPECT_EQ(s->deadline(), now + 1s);
}

TEST_F(session_test, tick_before_the_deadline_does_nothing) {
  open(transport::websocket);
  s->tick(now + 24s, out);
  EXPECT_FALSE(s->has_packets());
}

TEST_F(session_test, a_post_overlaps_the_next_one_until_it_is_responded_to) {
  open();
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_TRUE(s->finish_post("4x", now, out));
  EXPECT_EQ(s->begin_post(false, out).error(), error::overlapping_request);
  EXPECT_EQ(closed(), "transport error");
}

}  // namespace
}  // namespace emostream::engineio

#include "engineio/session.hpp"

#include "session_fixture.hpp"

namespace emostream::engineio {
namespace {

using namespace std::chrono_literals;

struct session_test : session_fixture {};

TEST_F(session_test, opens_by_polling) {
  s = std::make_unique<session>("sid", transport::polling, opts, now);
  EXPECT_EQ(
      poll(),
      R"(0{"sid":"sid","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(s->transport(), transport::polling);
  EXPECT_FALSE(s->has_frames());
}

TEST_F(session_test, opens_by_websocket) {
  s = std::make_unique<session>("sid", transport::websocket, opts, now);
  EXPECT_TRUE(s->has_frames());
  EXPECT_EQ(frames(),
            R"(0{"sid":"sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_FALSE(s->has_frames());
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, answers_a_waiting_poll_as_soon_as_there_is_a_message) {
  open();
  EXPECT_EQ(poll(), "");
  send("hello");
  EXPECT_EQ(polled(), "4hello");
}

TEST_F(session_test, keeps_messages_until_the_poll) {
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

TEST_F(session_test, leaves_what_is_too_much_for_one_poll_to_the_next) {
  opts.max_polled_packets = 2;
  open();
  for (const auto* text : {"a", "b", "c"}) send(text);
  EXPECT_EQ(poll(),
            "4a\x1e"
            "4b");
  EXPECT_EQ(poll(), "4c");
}

TEST_F(session_test, a_deep_queue_drains_in_as_many_polls_as_it_must) {
  opts.max_polled_packets = 16;
  open();
  constexpr int messages = 100'000;
  for (int i = 0; i < messages; ++i) send(std::to_string(i));
  EXPECT_EQ(closed(), "");
  int received = 0;
  int polls = 0;
  for (std::string answer; !(answer = poll()).empty(); ++polls) {
    const auto packets = decode_payload(answer, 16);
    ASSERT_TRUE(packets);
    for (const auto& p : *packets) ASSERT_EQ(p.text(), std::to_string(received++));
  }
  EXPECT_EQ(received, messages);
  EXPECT_EQ(polls, messages / 16);
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

TEST_F(session_test, delivers_what_is_posted) {
  open();
  EXPECT_TRUE(
      post("4one\x1e"
           "bAQI=\x1e"
           "4"));
  EXPECT_EQ(delivered(), "one b:\x01\x02 ");
  EXPECT_EQ(closed(), "");
}

TEST_F(session_test, closes_on_a_payload_that_is_none_and_delivers_nothing_of_it) {
  open();
  EXPECT_FALSE(
      post("4one\x1e"
           "abc"));
  EXPECT_EQ(delivered(), "");
  EXPECT_EQ(closed(), "parse error");
  EXPECT_FALSE(s->deadline());
}

TEST_F(session_test, refuses_a_payload_over_the_limit_and_lives) {
  opts.max_http_buffer_size = 10;
  open();
  EXPECT_TRUE(post("4234567890"));
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_EQ(s->finish_post("42345678901", now, out).error(), error::payload_too_large);
  EXPECT_TRUE(post("4x"));
  EXPECT_EQ(delivered(), "234567890 x");
}

TEST_F(session_test, refuses_too_many_packets) {
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

TEST_F(session_test, a_second_poll_closes_it_and_both_are_answered) {
  open();
  poll();
  EXPECT_EQ(s->poll(now, out).error(), error::overlapping_request);
  EXPECT_EQ(polled(), "1");
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, a_second_post_closes_it_and_the_first_is_refused_too) {
  open();
  poll();
  ASSERT_TRUE(s->begin_post(false, out));
  EXPECT_EQ(s->begin_post(false, out).error(), error::overlapping_request);
  EXPECT_EQ(polled(), "1");
  EXPECT_EQ(closed(), "transport error");
  EXPECT_FALSE(s->finish_post("4x", now, out));
  EXPECT_EQ(delivered(), "");
}

TEST_F(session_test, a_post_that_is_given_up_makes_room_for_the_next) {
  open();
  ASSERT_TRUE(s->begin_post(false, out));
  s->abort_post();
  EXPECT_TRUE(post("4x"));
  EXPECT_EQ(delivered(), "x");
}

TEST_F(session_test, an_octet_stream_closes_it) {
  open();
  EXPECT_EQ(s->begin_post(true, out).error(), error::octet_stream);
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, a_poll_that_is_given_up_closes_it) {
  open();
  poll();
  s->abort_poll(out);
  EXPECT_EQ(closed(), "transport error");
  EXPECT_EQ(polled(), "");
  EXPECT_FALSE(s->poll(now, out));
}

TEST_F(session_test, giving_up_a_poll_that_is_answered_means_nothing) {
  open();
  s->abort_poll(out);
  EXPECT_EQ(closed(), "");
}

TEST_F(session_test, frames_share_the_bytes_of_the_message) {
  open(transport::websocket);
  const auto m = message::text("shared");
  s->send({&m, 1}, out);
  std::vector<packet> packets;
  s->take_frames(packets);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].data.get(), m.data.get());
}

TEST_F(session_test, echoes_text_and_binary_over_websocket) {
  open(transport::websocket);
  receive("4hi");
  s->receive("\x04", true, now, out);
  EXPECT_EQ(delivered(), "hi b:\x04");
  const std::vector batch{message::text("a"), message::bytes("b")};
  s->send(batch, out);
  EXPECT_EQ(frames(), "4a b");
}

TEST_F(session_test, bytes_count_as_buffered_until_they_are_written) {
  open(transport::websocket);
  send("a");
  std::vector<packet> packets;
  s->take_frames(packets);
  EXPECT_GT(s->buffered_bytes(), 0U);
  EXPECT_FALSE(s->has_frames());
  s->frames_written(out);
  EXPECT_EQ(s->buffered_bytes(), 0U);
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

TEST_F(session_test, a_flood_of_empty_messages_counts_too) {
  opts.max_buffered_bytes = 1000;
  open();
  for (int i = 0; i < 1000 && !s->closed(); ++i) send("");
  EXPECT_TRUE(s->overflowed());
}

TEST_F(session_test, closes_on_frames_that_are_no_packet) {
  for (const auto* frame : {"", "abc", "7", "/", "b", "bAQ==", "0{}", "5"}) {
    open(transport::websocket);
    receive(frame);
    EXPECT_EQ(closed(), "parse error") << frame;
    EXPECT_TRUE(closes_websocket());
    receive("4late");
    EXPECT_EQ(delivered(), "");
  }
}

TEST_F(session_test, closes_on_a_ping_of_the_client) {
  open(transport::websocket);
  receive("2");
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_test, ignores_a_noop) {
  open(transport::websocket);
  receive("6");
  EXPECT_TRUE(out.empty());
}

TEST_F(session_test, refuses_polling_once_it_is_a_websocket) {
  open(transport::websocket);
  EXPECT_EQ(s->poll(now, out).error(), error::bad_request);
  EXPECT_EQ(s->begin_post(false, out).error(), error::bad_request);
  EXPECT_EQ(s->attach_websocket(now).error(), error::bad_request);
  EXPECT_TRUE(out.empty());
}

// The heartbeat.

TEST_F(session_test, pings_and_lives_as_long_as_there_are_pongs) {
  open(transport::websocket);
  EXPECT_EQ(s->deadline(), now + 25s);
  for (int i = 0; i < 3; ++i) {
    wait(25s);
    EXPECT_EQ(frames(), "2");
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

TEST_F(session_test, ping_timeout_by_polling) {
  open();
  wait(25s);
  EXPECT_EQ(poll(), "2");
  EXPECT_TRUE(post("3"));
  poll();
  wait(45s);
  EXPECT_EQ(polled(), "2");
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, a_poll_after_the_ping_timeout_is_refused_though_the_timer_is_late) {
  open();
  wait(25s);
  now += 20s;
  EXPECT_FALSE(s->poll(now, out));
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, a_timer_that_is_a_little_late_does_not_lengthen_the_ping_timeout) {
  open(transport::websocket);
  const auto opened = now;
  s->tick(now + 25'050ms, out);
  EXPECT_EQ(s->deadline(), opened + 45s);
}

TEST_F(session_test, a_client_that_was_pinged_late_has_its_time) {
  open(transport::websocket);
  s->tick(now + 40s, out);
  EXPECT_EQ(s->deadline(), now + 40s + 18s);
}

TEST_F(session_test, messages_are_no_heartbeat) {
  open(transport::websocket);
  wait(25s);
  receive("4x");
  wait(20s);
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_test, a_pong_nobody_asked_for_does_not_postpone_the_ping) {
  open(transport::websocket);
  wait(24s);
  receive("3");
  EXPECT_EQ(s->deadline(), now + 1s);
}

TEST_F(session_test, a_tick_before_the_deadline_does_nothing) {
  open(transport::websocket);
  s->tick(now + 24s, out);
  EXPECT_FALSE(s->has_frames());
}

}  // namespace
}  // namespace emostream::engineio

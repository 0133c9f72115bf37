#include "session_fixture.hpp"

namespace emostream::engineio {
namespace {

using namespace std::chrono_literals;

struct session_upgrade_test : session_fixture {
  void open_and_attach() {
    open();
    ASSERT_TRUE(s->attach_websocket(now));
  }
  void probe() {
    open_and_attach();
    receive("2probe");
    EXPECT_EQ(written(), "3probe");
  }
};

TEST_F(session_upgrade_test, upgrades_after_probe_and_upgrade_packet) {
  probe();
  EXPECT_EQ(s->transport(), transport::polling);
  receive("5");
  EXPECT_EQ(s->transport(), transport::websocket);
  receive("4hello");
  EXPECT_EQ(delivered(), "hello");
  send("back");
  EXPECT_EQ(written(), "4back");
  EXPECT_FALSE(s->poll(now, out));
  EXPECT_FALSE(s->begin_post(false, out));
  EXPECT_TRUE(out.empty());
}

TEST_F(session_upgrade_test, probe_ends_the_pending_poll) {
  open();
  poll();
  ASSERT_TRUE(s->attach_websocket(now));
  EXPECT_EQ(polled(), "");
  receive("2probe");
  EXPECT_EQ(polled(), "6");
}

TEST_F(session_upgrade_test, poll_during_the_upgrade_ends_after_a_short_delay) {
  probe();
  EXPECT_EQ(poll(), "");
  EXPECT_EQ(s->deadline(), now + 100ms);
  wait(100ms);
  EXPECT_EQ(polled(), "6");
  EXPECT_EQ(s->deadline(), now + 9'900ms);
}

TEST_F(session_upgrade_test, upgrade_packet_ends_the_pending_poll) {
  probe();
  poll();
  receive("5");
  EXPECT_EQ(polled(), "6");
  EXPECT_EQ(s->deadline(), now + 25s);
}

TEST_F(session_upgrade_test, messages_use_polling_until_the_upgrade_is_complete) {
  probe();
  send("a");
  EXPECT_FALSE(s->has_packets());
  EXPECT_EQ(poll(), "4a");
  send("b");
  receive("5");
  EXPECT_EQ(written(), "4b");
}

TEST_F(session_upgrade_test, post_that_began_before_the_upgrade_is_delivered) {
  probe();
  ASSERT_TRUE(s->begin_post(false, out));
  receive("5");
  EXPECT_TRUE(s->finish_post("4x", now, out));
  EXPECT_EQ(delivered(), "x");
}

TEST_F(session_upgrade_test, allows_one_upgrade_at_a_time) {
  open_and_attach();
  EXPECT_EQ(s->attach_websocket(now).error(), error::bad_request);
  receive("2probe");
  EXPECT_EQ(s->attach_websocket(now).error(), error::bad_request);
  EXPECT_FALSE(s->closed());
}

TEST_F(session_upgrade_test, can_be_disabled) {
  opts.allow_upgrades = false;
  s = std::make_unique<session>("sid", transport::polling, opts, now);
  EXPECT_TRUE(poll().contains(R"("upgrades":[])"));
  EXPECT_FALSE(s->attach_websocket(now));
}

TEST_F(session_upgrade_test, anything_but_the_probe_aborts_the_upgrade_and_keeps_the_session) {
  for (const auto* message_text : {"2", "2probes", "3probe", "5", "4x", "bAQI=", "abc", ""}) {
    open_and_attach();
    receive(message_text);
    EXPECT_TRUE(closes_websocket()) << message_text;
    EXPECT_EQ(delivered(), "");
    EXPECT_EQ(closed(), "");
    EXPECT_FALSE(s->has_packets());
    send("still here");
    EXPECT_EQ(poll(), "4still here");
    EXPECT_TRUE(s->attach_websocket(now));
  }
}

TEST_F(session_upgrade_test, any_packet_but_upgrade_after_the_probe_aborts_the_upgrade) {
  for (const auto* message_text : {"2probe", "4x", "6"}) {
    probe();
    receive(message_text);
    EXPECT_TRUE(closes_websocket()) << message_text;
    EXPECT_EQ(closed(), "");
  }
}

TEST_F(session_upgrade_test, binary_message_is_not_a_probe) {
  open_and_attach();
  s->receive("2probe", true, now, out);
  EXPECT_TRUE(closes_websocket());
}

TEST_F(session_upgrade_test, times_out) {
  for (const bool probed : {false, true}) {
    probed ? probe() : open_and_attach();
    wait(9'999ms);
    EXPECT_FALSE(closes_websocket());
    wait(1ms);
    EXPECT_TRUE(closes_websocket());
    EXPECT_EQ(closed(), "");
    EXPECT_EQ(s->deadline(), now + 15s);
  }
}

TEST_F(session_upgrade_test, closed_websocket_aborts_the_upgrade_and_polling_continues) {
  probe();
  s->websocket_closed(close_reason::transport_close, out);
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(poll(), "");
  send("a");
  EXPECT_EQ(polled(), "4a");
}

TEST_F(session_upgrade_test, closing_the_session_closes_the_websocket_being_probed) {
  probe();
  EXPECT_TRUE(post("1"));
  EXPECT_TRUE(closes_websocket());
  EXPECT_EQ(closed(), "forced close");
}

TEST_F(session_upgrade_test, pending_close_continues_on_the_websocket) {
  probe();
  send("last");
  s->close(close_reason::forced_server_close, now, out);
  receive("5");
  EXPECT_EQ(closed(), "");
  EXPECT_EQ(written(), "4last");
  EXPECT_TRUE(closes_websocket());
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_upgrade_test, websocket_sends_base64_if_its_request_asks_for_it) {
  open();
  ASSERT_TRUE(s->attach_websocket(now, codec(protocol::v4, true)));
  receive("2probe");
  EXPECT_EQ(written(), "3probe");
  receive("5");
  receive("bAQI=");
  EXPECT_EQ(delivered(), "b:\1\2");
  const auto m = message::bytes("\1\2");
  s->send({&m, 1}, out);
  EXPECT_EQ(written(), "bAQI=");
}

TEST_F(session_upgrade_test, unfetched_ping_is_sent_on_the_websocket) {
  open();
  wait(24s);
  ASSERT_TRUE(s->attach_websocket(now));
  receive("2probe");
  wait(1s);
  receive("5");
  EXPECT_EQ(written(), "3probe 2");
}

}  // namespace
}  // namespace emostream::engineio

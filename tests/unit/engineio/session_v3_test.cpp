// Engine.IO 3 clients: the client sends the pings, and the encoding differs.
#include "session_fixture.hpp"

namespace emostream::engineio {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

struct session_v3_test : session_fixture {
  void open_v3(enum transport first = transport::polling, bool base64 = false) {
    s = std::make_unique<session>("sid", first, opts, now, codec(protocol::v3, base64));
    if (first == transport::polling)
      EXPECT_TRUE(poll().starts_with(R"(101:0{"sid":"sid","upgrades":["websocket"])"));
    else
      EXPECT_TRUE(written().starts_with(R"(0{"sid":"sid")"));
    EXPECT_EQ(s->version(), protocol::v3);
  }
  void send_bytes(std::string bytes) {
    const auto m = message::bytes(std::move(bytes));
    s->send({&m, 1}, out);
  }
};

TEST_F(session_v3_test, supports_polling) {
  open_v3();
  send("hello");
  send("€");
  EXPECT_EQ(poll(), "6:4hello2:4€");
  EXPECT_TRUE(post("6:4hello6:b4AQI=1:4"));
  EXPECT_EQ(delivered(), "hello b:\1\2 ");
}

TEST_F(session_v3_test, sends_and_receives_binary_payloads) {
  open_v3();
  send_bytes("\1\2");
  ASSERT_TRUE(s->poll(now, out));
  const auto& payload = std::get<action::answer_poll>(out.front()).payload;
  EXPECT_TRUE(payload.binary);
  EXPECT_EQ(payload.bytes, "\1\3\xff\4\1\2"s);
  out.clear();
  ASSERT_TRUE(s->begin_post(true, out));
  EXPECT_TRUE(s->finish_post("\1\3\xff\4\1\2\0\2\xff"s + "4x", now, out));
  EXPECT_EQ(delivered(), "b:\1\2 x");
  EXPECT_EQ(closed(), "");
}

TEST_F(session_v3_test, sends_base64_if_the_client_requests_it) {
  open_v3(transport::polling, true);
  send_bytes("\1\2");
  EXPECT_EQ(poll(), "6:b4AQI=");
}

TEST_F(session_v3_test, answers_pings_and_sends_none) {
  open_v3();
  for (int i = 0; i < 10; ++i) {
    wait(opts.ping_interval + opts.ping_timeout - 1ms);
    EXPECT_EQ(poll(), "");
    EXPECT_TRUE(post("1:2"));
    EXPECT_EQ(polled(), "1:3");
  }
  EXPECT_EQ(closed(), "");
  wait(opts.ping_interval + opts.ping_timeout - 1ms);
  EXPECT_EQ(closed(), "");
  wait(1ms);
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_v3_test, closes_a_client_that_pings_but_never_polls) {
  opts.max_buffered_bytes = 1000;
  open_v3();
  for (int i = 0; i < 1000 && !s->closed(); ++i) EXPECT_TRUE(post("1:2"));
  EXPECT_TRUE(s->overflowed());
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_v3_test, messages_do_not_count_as_pings) {
  open_v3(transport::websocket);
  wait(opts.ping_interval + opts.ping_timeout - 1ms);
  receive("4x");
  EXPECT_EQ(delivered(), "x");
  wait(1ms);
  EXPECT_EQ(closed(), "ping timeout");
}

TEST_F(session_v3_test, closes_on_a_pong_from_the_client) {
  open_v3(transport::websocket);
  receive("3");
  EXPECT_EQ(closed(), "transport error");
}

TEST_F(session_v3_test, close_waits_for_queued_packets) {
  open_v3();
  send("x");
  s->close(close_reason::forced_server_close, now, out);
  EXPECT_TRUE(post("1:2"));  // no pong is queued behind the pending packets
  EXPECT_EQ(poll(), "2:4x");
  EXPECT_EQ(poll(), "1:1");
  EXPECT_EQ(closed(), "forced server close");
}

TEST_F(session_v3_test, upgrades) {
  open_v3();
  EXPECT_EQ(poll(), "");
  ASSERT_TRUE(s->attach_websocket(now, codec(protocol::v3, false)));
  receive("2probe");
  EXPECT_EQ(written(), "3probe");
  EXPECT_EQ(polled(), "1:6");
  receive("5");
  EXPECT_EQ(s->transport(), transport::websocket);
  send("x");
  send_bytes("\1");
  EXPECT_EQ(written(), "4x \4\1");
  receive("2");
  EXPECT_EQ(written(), "3");
}

TEST_F(session_v3_test, encoding_of_binary_data_may_change_with_the_upgrade) {
  open_v3(transport::polling, true);
  ASSERT_TRUE(s->attach_websocket(now, codec(protocol::v3, false)));
  receive("2probe");
  written();
  send_bytes("\1\2");
  EXPECT_EQ(poll(), "6:b4AQI=");
  receive("5");
  send_bytes("\1\2");
  EXPECT_EQ(written(), "\4\1\2");
}

TEST_F(session_v3_test, does_not_upgrade_to_another_version) {
  open_v3();
  EXPECT_EQ(s->attach_websocket(now).error(), error::bad_request);
  open();
  EXPECT_EQ(s->attach_websocket(now, codec(protocol::v3, false)).error(), error::bad_request);
}

}  // namespace
}  // namespace emostream::engineio

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct websocket_test : engineio_fixture {};

constexpr int text_frame = 0x81;
constexpr int binary_frame = 0x82;
constexpr int close_frame = 0x88;
constexpr int pong_frame = 0x8A;

TEST_F(websocket_test, completes_the_handshake) {
  start();
  auto c = connect();
  const auto a = c.upgrade("/ws/socket.io/?EIO=4&transport=websocket");
  EXPECT_EQ(a.status, 101);
  EXPECT_EQ(a.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(a.header("server"), "emostream");
  const auto [type, text] = c.read_frame();
  EXPECT_EQ(type, text_frame);
  EXPECT_TRUE(
      text.ends_with(R"(","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})"));
}

TEST_F(websocket_test, echoes_text_and_binary_of_any_size) {
  start();
  auto c = open_websocket();
  for (const std::size_t size :
       {0U, 1U, 100U, 125U, 126U, 255U, 256U, 257U, 5'000U, 65'535U, 65'536U, 999'999U}) {
    const std::string content(size, 'x');
    c.send_text("4" + content);
    EXPECT_EQ(c.read_frame(), std::pair(text_frame, "4" + content));
    c.send_binary(content);
    EXPECT_EQ(c.read_frame(), std::pair(binary_frame, content));
  }
}

TEST_F(websocket_test, receives_base64_and_sends_it_if_requested) {
  start();
  auto c = open_websocket();
  c.send_text("bAQI=");
  EXPECT_EQ(c.read_frame(), std::pair(binary_frame, std::string("\1\2")));
  for (const auto& [parameter, is_base64] :
       {std::pair("&b64=1", true), std::pair("&b64=0", true), std::pair("&b64=", false)}) {
    auto d = connect();
    ASSERT_EQ(d.upgrade(std::string("/engine.io/?EIO=4&transport=websocket") + parameter).status, 101);
    EXPECT_TRUE(d.read_content().starts_with("0{"));
    d.send_binary("\1\2");
    EXPECT_EQ(d.read_frame(), is_base64 ? std::pair(text_frame, std::string("bAQI="))
                                        : std::pair(binary_frame, std::string("\1\2")))
        << parameter << ": like the Node.js server, which tests whether the value is empty";
  }
}

TEST_F(websocket_test, keeps_the_order_of_a_batch) {
  start();
  auto c = open_websocket();
  c.send_text("4twice");
  EXPECT_EQ(c.read_frame(), std::pair(text_frame, std::string("4one")));
  EXPECT_EQ(c.read_frame(), std::pair(binary_frame, std::string("two")));
}

TEST_F(websocket_test, keeps_the_order_of_many_messages) {
  start();
  auto c = open_websocket();
  for (int i = 0; i < 500; ++i) c.send_text("4" + std::to_string(i));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(c.read_content(), "4" + std::to_string(i));
}

TEST_F(websocket_test, coalesces_replies_to_messages_that_arrive_together) {
  start();
  auto c = open_websocket();
  std::string all;
  for (int i = 0; i < 10; ++i) all += client::frame_bytes(text_frame, "4hi");
  c.write(all);
  EXPECT_EQ(c.read_content(), "4hi");
  EXPECT_EQ(c.buffered(), 9U * 5U);  // one write: the first read has received everything
}

TEST_F(websocket_test, interleaves_long_and_short_messages) {
  start();
  auto c = open_websocket();
  std::string all;
  std::vector<std::string> messages;
  for (const std::size_t size : {0U, 10U, 1'023U, 1'024U, 1'025U, 70'000U, 5U, 200'000U, 100'000U, 3U})
    messages.push_back("4" + std::string(size, static_cast<char>('a' + messages.size())));
  for (const auto& m : messages) all += client::frame_bytes(text_frame, m);
  c.write(all);
  for (const auto& m : messages) ASSERT_EQ(c.read_content(), m);
}

TEST_F(websocket_test, reads_fragments_with_pings_in_between) {
  start();
  auto c = open_websocket();
  c.send_frame(0x01, "4he");
  c.send_frame(0x89, "are you there");
  c.send_frame(0x00, "ll");
  c.send_frame(0x80, "o");
  EXPECT_EQ(c.read_frame(), std::pair(pong_frame, std::string("are you there")));
  EXPECT_EQ(c.read_content(), "4hello");
}

TEST_F(websocket_test, reads_a_frame_byte_by_byte) {
  start();
  auto c = open_websocket();
  const std::string frame =
      "\x81\x83\x01\x01\x01\x01"
      "5ih";  // "4hi", masked
  for (const char byte : frame) c.write({&byte, 1});
  EXPECT_EQ(c.read_content(), "4hi");
}

TEST_F(websocket_test, closes_with_1009_on_a_message_over_the_limit) {
  start();
  auto c = open_websocket();
  c.send_text("4" + std::string(1'000'000, 'x'));
  const auto [type, status] = c.read_frame();
  EXPECT_EQ(type, close_frame);
  EXPECT_EQ(status.substr(0, 2), "\x03\xf1");  // 1009
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(websocket_test, closes_on_malformed_frames) {
  start();
  const std::vector<std::string> malformed{
      std::string("\x81\x02hi", 4),        // not masked
      std::string("\x83\x80\0\0\0\0", 6),  // reserved opcode
      std::string("\xC1\x80\0\0\0\0", 6),  // compressed without negotiation
      std::string("\x80\x80\0\0\0\0", 6),  // a continuation without a message
      std::string("\x81\x82\0\0\0\0"
                  "4\xff",
                  8),  // not UTF-8
  };
  for (const auto& bytes : malformed) {
    {
      auto c = open_websocket();
      c.write(bytes);
      EXPECT_EQ(c.read_frame().first, close_frame);
    }
    EXPECT_EQ(next_close(), "transport error");
  }
}

TEST_F(websocket_test, closes_on_an_invalid_packet) {
  start();
  auto c = open_websocket();
  c.send_text("abc");
  EXPECT_EQ(c.read_frame().first, close_frame);
  EXPECT_EQ(next_close(), "parse error");
}

TEST_F(websocket_test, closes_the_session_when_the_client_disconnects) {
  start();
  {
    auto c = open_websocket();
    c.send_frame(0x88, "\x03\xe8");
    EXPECT_EQ(c.read_frame(), std::pair(close_frame, std::string("\x03\xe8")));
    EXPECT_TRUE(c.at_end());
  }
  EXPECT_EQ(next_close(), "transport close");
  { auto c = open_websocket(); }
  EXPECT_EQ(next_close(), "transport close");
  EXPECT_EQ(stats().sessions_open, 0U);
}

TEST_F(websocket_test, detects_a_fin_that_arrives_with_the_last_message) {
  start();
  auto c = open_websocket();
  c.cork(true);
  c.send_text("4last words");
  c.send_fin();
  EXPECT_EQ(c.read_content(), "4last words");
  EXPECT_TRUE(c.at_end());
  EXPECT_EQ(next_close(), "transport close");
}

TEST_F(websocket_test, reassembles_messages_of_many_clients) {
  start();
  std::vector<client> all;
  std::vector<std::string> frames;
  constexpr std::size_t pieces = 5;
  for (std::size_t i = 0; i < 10; ++i) {
    all.push_back(open_websocket());
    frames.push_back(client::frame_bytes(text_frame, "4" + std::string(40'000, static_cast<char>('a' + i))));
  }
  for (std::size_t piece = 0; piece < pieces; ++piece)
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i].write(
          std::string_view(frames[i]).substr(piece * 9'000, piece + 1 < pieces ? 9'000 : std::string::npos));
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].read_content(), "4" + std::string(40'000, static_cast<char>('a' + i)));
}

TEST_F(websocket_test, the_application_can_close_the_session) {
  start();
  auto c = open_websocket();
  c.send_text("4a");
  c.send_text("4close");
  c.send_text("4b");
  EXPECT_EQ(c.read_content(), "4a");
  EXPECT_EQ(c.read_frame(), std::pair(close_frame, std::string("\x03\xe8")));
  EXPECT_EQ(next_close(), "forced server close");
  c.send_text("4ignored");
  c.send_frame(0x89, "ignored");
  c.send_frame(0x88, "\x03\xe8");
  EXPECT_TRUE(c.at_end());
}

TEST_F(websocket_test, sends_its_close_frame_if_both_sides_close_simultaneously) {
  start();
  auto c = open_websocket();
  c.write(client::frame_bytes(text_frame, "4close") + client::frame_bytes(close_frame, "\x03\xe9"));
  EXPECT_EQ(c.read_frame(), std::pair(close_frame, std::string("\x03\xe8")));
  EXPECT_TRUE(c.at_end());
  EXPECT_EQ(next_close(), "forced server close");
}

TEST_F(websocket_test, responds_to_a_close_frame_without_a_code) {
  start();
  auto c = open_websocket();
  c.send_frame(close_frame, "");
  EXPECT_EQ(c.read_frame(), std::pair(close_frame, std::string()));
  EXPECT_TRUE(c.at_end());
}

TEST_F(websocket_test, replies_to_earlier_messages_before_the_close_frame) {
  start();
  auto c = open_websocket();
  c.write(client::frame_bytes(text_frame, "4hi") + client::frame_bytes(close_frame, "\x03\xe8"));
  EXPECT_EQ(c.read_content(), "4hi");
  EXPECT_EQ(c.read_frame(), std::pair(close_frame, std::string("\x03\xe8")));
  EXPECT_TRUE(c.at_end());
  EXPECT_EQ(next_close(), "transport close");
}

TEST_F(websocket_test, sends_one_close_frame) {
  start();
  auto c = open_websocket();
  c.send_text("4close");
  EXPECT_EQ(c.read_frame().first, close_frame);
  c.write("not a frame");
  EXPECT_TRUE(c.at_end());
  auto d = open_websocket();
  d.write(client::frame_bytes(text_frame, "4close") + "not a frame");
  EXPECT_EQ(d.read_frame().first, close_frame);
  EXPECT_TRUE(d.at_end());
}

TEST_F(websocket_test, sends_the_next_ping_after_a_pong) {
  engine_opts.protocol.ping_interval = milliseconds(30);
  start();
  auto c = open_websocket();
  EXPECT_EQ(c.read_content(), "2");
  c.send_text("3");
  EXPECT_EQ(c.read_content(), "2");
}

TEST_F(websocket_test, closes_a_session_that_does_not_answer_a_ping) {
  engine_opts.protocol.ping_interval = milliseconds(1);
  engine_opts.protocol.ping_timeout = milliseconds(1);
  start();
  auto c = open_websocket();
  EXPECT_EQ(c.read_content(), "2");
  EXPECT_EQ(next_close(), "ping timeout");
}

TEST_F(websocket_test, disconnects_a_client_that_does_not_read) {
  start();
  client c(port, 4096);
  ASSERT_EQ(c.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  c.send_text("4flood");
  EXPECT_EQ(next_close(), "transport error");
  EXPECT_EQ(stats().slow_clients_closed, 1U);
  while (stats().connections_open > 0) {
  }
}

TEST_F(websocket_test, responds_to_a_rejected_websocket_request_with_only_the_message) {
  start();
  const auto a = connect().upgrade("/engine.io/?EIO=4&transport=websocket&sid=nobody");
  EXPECT_EQ(a.status, 400);
  EXPECT_EQ(a.header("connection"), "close");
  EXPECT_EQ(a.body, "Session ID unknown");
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=polling").body, "Bad request");
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=3&transport=websocket").body, "Unsupported protocol version");
  EXPECT_EQ(connect().upgrade("/elsewhere").status, 404);
}

TEST_F(websocket_test, an_invalid_handshake_leaves_no_session) {
  start();
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const auto* target = "/engine.io/?EIO=4&transport=websocket";
  const auto version = connect().get(
      target, upgrade + "Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(version.status, 426);
  EXPECT_EQ(version.header("upgrade"), "websocket");
  EXPECT_EQ(version.header("sec-websocket-version"), "13");
  EXPECT_EQ(connect().get(target, upgrade + "Sec-WebSocket-Version: 13\r\n").status, 400);
  EXPECT_EQ(connect().get(target, upgrade + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n").status,
            400);
  EXPECT_EQ(stats().sessions_opened, 0U);
}

// Upgrades from polling to WebSocket.

TEST_F(websocket_test, upgrades) {
  start();
  auto poller = connect();
  const auto session = open_polling(poller);
  poller.send_request("GET", session);
  auto c = connect();
  ASSERT_EQ(c.upgrade(websocket_of(session)).status, 101);
  c.send_text("2probe");
  EXPECT_EQ(c.read_content(), "3probe");
  EXPECT_EQ(poller.read_response().body, "6");
  c.send_text("5");
  c.send_text("4hello");
  EXPECT_EQ(c.read_content(), "4hello");
  EXPECT_EQ(stats().sessions_upgraded, 1U);
  EXPECT_EQ(stats().sessions_open, 1U);

  // Further requests of the session are rejected and do not affect it.
  EXPECT_EQ(poller.get(session).status, 400);
  EXPECT_EQ(connect().post(session, "4x").status, 400);
  auto second = connect();
  EXPECT_EQ(second.upgrade(websocket_of(session)).status, 101);
  EXPECT_EQ(second.read_frame().first, close_frame);
  c.send_text("4still");
  EXPECT_EQ(c.read_content(), "4still");
}

TEST_F(websocket_test, a_second_websocket_does_not_disturb_the_upgrade_of_the_first) {
  start();
  auto poller = connect();
  const auto session = websocket_of(open_polling(poller));
  auto first = connect();
  ASSERT_EQ(first.upgrade(session).status, 101);
  auto second = connect();
  EXPECT_EQ(second.upgrade(session).status, 101);
  EXPECT_EQ(second.read_frame().first, close_frame);
  first.send_text("2probe");
  EXPECT_EQ(first.read_content(), "3probe");
}

TEST_F(websocket_test, an_aborted_upgrade_leaves_the_session_polling) {
  start();
  auto poller = connect();
  const auto session = open_polling(poller);
  {
    auto c = connect();
    ASSERT_EQ(c.upgrade(websocket_of(session)).status, 101);
    c.send_text("2probe");
    EXPECT_EQ(c.read_content(), "3probe");
  }
  while (stats().connections_open > 1) {
  }
  EXPECT_EQ(poller.post(session, "4x").status, 200);
  EXPECT_EQ(poller.get(session).body, "4x");
  auto c = connect();
  ASSERT_EQ(c.upgrade(websocket_of(session)).status, 101);
  c.send_text("4not a probe");
  EXPECT_EQ(c.read_frame().first, close_frame);
  EXPECT_EQ(poller.post(session, "4y").status, 200);
  EXPECT_EQ(poller.get(session).body, "4y");
}

TEST_F(websocket_test, an_upgrade_times_out) {
  engine_opts.protocol.upgrade_timeout = milliseconds(20);
  start();
  auto poller = connect();
  auto c = connect();
  ASSERT_EQ(c.upgrade(websocket_of(open_polling(poller))).status, 101);
  EXPECT_EQ(c.read_frame().first, close_frame);
  EXPECT_EQ(stats().sessions_open, 1U);
}

}  // namespace
}  // namespace emostream::server

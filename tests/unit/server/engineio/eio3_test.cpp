// Engine.IO 3 clients: requests and responses on the wire.
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

using namespace std::string_literals;

struct eio3_test : engineio_fixture {
  eio3_test() { engine_opts.protocol.allow_eio3 = true; }

  static std::string open_v3(client& c, std::string_view parameters = "") {
    const auto a = c.get("/engine.io/?EIO=3&transport=polling" + std::string(parameters));
    EXPECT_EQ(a.status, 200);
    return "/engine.io/?EIO=3&transport=polling&sid=" + sid_of(a.body);
  }
};

TEST_F(eio3_test, is_rejected_if_disabled) {
  engine_opts.protocol.allow_eio3 = false;
  start();
  const auto rejected = connect().get("/engine.io/?EIO=3&transport=polling");
  EXPECT_EQ(rejected.status, 400);
  EXPECT_EQ(rejected.body, R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST_F(eio3_test, echoes_text_and_bytes_by_polling) {
  start();
  auto c = connect();
  const auto url = open_v3(c);
  EXPECT_EQ(c.post(url, "6:4héllo", "Content-Type: text/plain;charset=UTF-8\r\n").body, "ok");
  auto echoed = c.get(url);
  EXPECT_EQ(echoed.body, "6:4héllo");
  EXPECT_EQ(echoed.header("content-type"), "text/plain; charset=UTF-8");

  const auto payload = "\1\3\xff\4\1\2"s;
  EXPECT_EQ(c.post(url, payload, "Content-Type: application/octet-stream\r\n").body, "ok");
  echoed = c.get(url);
  EXPECT_EQ(echoed.body, payload);
  EXPECT_EQ(echoed.header("content-type"), "application/octet-stream");
}

TEST_F(eio3_test, sends_bytes_as_base64_by_polling_if_requested) {
  start();
  auto c = connect();
  const auto url = open_v3(c, "&b64=1");
  EXPECT_EQ(c.post(url, "6:b4AQI=").body, "ok");
  EXPECT_EQ(c.get(url).body, "6:b4AQI=");
}

TEST_F(eio3_test, echoes_over_websocket) {
  start();
  client c(port);
  ASSERT_EQ(c.upgrade("/engine.io/?EIO=3&transport=websocket").status, 101);
  EXPECT_TRUE(c.read_content().starts_with("0{"));
  c.send_text("2");
  EXPECT_EQ(c.read_content(), "3");
  c.send_binary("\4\1\2");
  EXPECT_EQ(c.read_frame(), std::pair(0x82, "\4\1\2"s));
  c.send_binary("\1\2");  // an invalid packet type
  EXPECT_EQ(next_close(), "parse error");
}

TEST_F(eio3_test, sends_bytes_as_base64_over_websocket_if_requested) {
  start();
  client c(port);
  ASSERT_EQ(c.upgrade("/engine.io/?EIO=3&transport=websocket&b64=1").status, 101);
  EXPECT_TRUE(c.read_content().starts_with("0{"));
  c.send_text("b4AQI=");
  EXPECT_EQ(c.read_frame(), std::pair(0x81, "b4AQI="s));
}

TEST_F(eio3_test, upgrades) {
  start();
  auto c = connect();
  const auto url = open_v3(c, "&b64=1");
  client w(port);
  ASSERT_EQ(w.upgrade(websocket_of(url)).status, 101);
  w.send_text("2probe");
  EXPECT_EQ(w.read_content(), "3probe");
  w.send_text("5");
  w.send_binary("\4\1\2");
  EXPECT_EQ(w.read_frame(), std::pair(0x82, "\4\1\2"s));
}

TEST_F(eio3_test, rejects_jsonp) {
  start();
  const auto rejected = connect().get("/engine.io/?EIO=3&transport=polling&j=0");
  EXPECT_EQ(rejected.status, 400);
  EXPECT_EQ(rejected.body, R"({"code":0,"message":"JSONP is not supported"})");
}

}  // namespace
}  // namespace emostream::server

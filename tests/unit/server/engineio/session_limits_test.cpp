#include <string>

#include "net/websocket/masked_frame.hpp"
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct session_limits_test : engineio_fixture {};

TEST_F(session_limits_test, rejects_sessions_over_the_limit) {
  engine_opts.max_sessions = 2;
  start();
  auto c = connect();
  const auto first = open_polling(c);
  const auto second = open_websocket();
  EXPECT_EQ(c.get("/engine.io/?EIO=4&transport=polling").status, 503);
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=websocket").status, 503);
  EXPECT_EQ(stats().sessions_refused, 2U);
  EXPECT_EQ(c.post(first, "1").status, 200);
  open_polling(c);
}

TEST_F(session_limits_test, rejects_sessions_over_the_limit_per_address) {
  opts.max_connections_per_address = 3;
  start();
  auto c = connect();
  const auto first = open_polling(c);
  open_polling(c);
  open_polling(c);
  const auto rejection = c.get("/engine.io/?EIO=4&transport=polling");
  EXPECT_EQ(rejection.status, 429);
  EXPECT_EQ(rejection.body, R"({"code":429,"message":"Too many sessions from your address"})");
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=websocket").status, 429);
  EXPECT_EQ(stats().sessions_refused, 2U);
  EXPECT_EQ(stats().address_refusals, 2U);
  EXPECT_EQ(c.post(first, "1").status, 200);
  open_polling(c);
}

TEST_F(session_limits_test, limits_each_client_behind_a_trusted_proxy) {
  opts.max_connections_per_address = 1;
  opts.trusted_proxies = {"127.0.0.0/8"};
  start([](http_server& s) {
    s.route("GET", "/who", [](const http_request& r, http_responder respond) {
      respond(http_response::of(200, "text/plain", r.head.remote_address));
    });
  });
  const std::string target = "/engine.io/?EIO=4&transport=polling";
  auto a = connect();
  auto b = connect();  // connections of the proxy are not limited
  EXPECT_EQ(a.get("/who").body, "127.0.0.1");
  EXPECT_EQ(b.get("/who", "X-Forwarded-For: 192.0.2.1\r\n").body, "192.0.2.1");
  EXPECT_EQ(a.get(target, "X-Forwarded-For: 192.0.2.1\r\n").status, 200);
  EXPECT_EQ(b.get(target, "X-Forwarded-For: 192.0.2.1\r\n").status, 429);
  EXPECT_EQ(b.get(target, "X-Forwarded-For: 192.0.2.2\r\n").status, 200);
  EXPECT_EQ(a.get(target, "X-Forwarded-For: 2001:db8::1\r\n").status, 200);
  EXPECT_EQ(a.get(target, "X-Forwarded-For: 2001:db8::2\r\n").status, 429);
  EXPECT_EQ(a.get(target).status, 200);  // sessions of the proxy itself
  EXPECT_EQ(a.get(target).status, 200);
}

TEST_F(session_limits_test, rejects_a_body_for_which_there_is_too_little_memory) {
  opts.max_buffered_bytes = 1000;
  start();
  auto c = connect();
  const auto url = open_polling(c);
  EXPECT_EQ(connect().post(url, std::string(1001, '4')).status, 503);
  EXPECT_EQ(stats().memory_refusals, 1U);
  EXPECT_EQ(stats().buffered_bytes, 0U);
  EXPECT_EQ(c.post(url, "4hello").body, "ok");
  EXPECT_EQ(c.get(url).body, "4hello");
}

TEST_F(session_limits_test, closes_a_websocket_with_1013_if_there_is_too_little_memory_for_its_message) {
  opts.max_buffered_bytes = 1000;
  start();
  auto c = open_websocket();
  const auto message = masked_frame(0x81, "4" + std::string(5000, 'x'));
  c.write(message.substr(0, 4000));
  EXPECT_EQ(c.read_content().substr(0, 2), "\x03\xf5");  // 1013
  EXPECT_EQ(next_close(), "transport error");
  EXPECT_EQ(stats().memory_refusals, 1U);
  EXPECT_EQ(stats().buffered_bytes, 0U);
}

TEST_F(session_limits_test, closes_a_client_that_does_not_read_if_there_is_too_little_memory) {
  opts.max_buffered_bytes = 1000;
  start();
  auto c = connect();
  auto other = connect();
  const auto reading = open_polling(other);
  const auto silent = open_polling(c);
  while (c.post(silent, "4twice").status == 200) {
  }
  EXPECT_EQ(next_close(), "transport error");
  EXPECT_EQ(stats().slow_sessions_closed, 1U);
  EXPECT_EQ(stats().buffered_bytes, 0U);
  other.post(reading, "4hello");
  EXPECT_EQ(other.get(reading).body, "4hello");
}

TEST_F(session_limits_test, a_post_that_takes_too_long_keeps_the_session) {
  opts.body_timeout = milliseconds(20);
  start();
  auto c = connect();
  const auto url = open_polling(c);
  auto slow = connect();
  slow.write("POST " + url + " HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n4");
  EXPECT_EQ(slow.read_response().status, 408);
  EXPECT_EQ(c.post(url, "4hello").body, "ok");
  EXPECT_EQ(c.get(url).body, "4hello");
}

}  // namespace
}  // namespace emostream::server

#include <algorithm>
#include <fstream>
#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>

#include "net/certificate.hpp"
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

using testing::HasSubstr;

struct tls_session_test : engineio_fixture {
  certificate shown{"first.test"};

  tls_session_test() {
    opts.tls_certificate = shown.file();
    opts.tls_key = shown.key();
  }

  void start_echo() {
    start([](http_server& s) {
      s.route("POST", "/echo", [](http_request r, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::move(r.body)));
      });
      s.route("GET", "/secure", [](const http_request& r, http_responder respond) {
        respond(http_response::of(200, "text/plain", std::string(r.head.secure ? "yes" : "no")));
      });
    });
  }
  client connect_tls(int max_version = 0) const {
    client c(port);
    EXPECT_TRUE(c.start_tls(max_version));
    return c;
  }
};

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

TEST_F(tls_session_test, serves_sessions_by_polling_and_by_websocket) {
  start_echo();
  auto c = connect_tls();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session, "4hello").body, "ok");
  EXPECT_EQ(c.get(session).body, "4hello");

  auto w = connect_tls();
  EXPECT_EQ(w.upgrade(websocket_of(session)).status, 101);
  w.send_text("2probe");
  EXPECT_EQ(w.text(), "3probe");
  w.send_text("5");
  w.send_text("4again");
  EXPECT_EQ(w.text(), "4again");
  EXPECT_EQ(stats().sessions_upgraded, 1U);
}

TEST_F(tls_session_test, transfers_large_messages) {
  start_echo();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.text();
  for (const std::size_t size : {16'383U, 16'384U, 16'385U, 100'000U, 999'000U}) {
    const auto text = pattern(size);
    w.send_text("4" + text);
    EXPECT_TRUE(w.text() == "4" + text) << size;
  }
}

TEST_F(tls_session_test, reads_thousands_of_records_that_arrive_together) {
  start_echo();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.text();
  constexpr int rounds = 50;
  constexpr int each = 100;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < each; ++i) w.send_text("4" + std::to_string(round * each + i));  // one record each
    for (int i = 0; i < each; ++i) EXPECT_EQ(w.text(), "4" + std::to_string(round * each + i));
  }
}

// The socket's buffers fill up repeatedly, in the middle of records.
TEST_F(tls_session_test, serves_a_client_that_reads_late) {
  start_echo();
  client w(port, 4096);
  ASSERT_TRUE(w.start_tls());
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.text();
  const auto text = pattern(60'000);
  for (int i = 0; i < 60; ++i) w.send_text("4" + std::to_string(i % 10) + text);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(w.text() == "4" + std::to_string(i % 10) + text) << i;
}

TEST_F(tls_session_test, closes_on_a_message_that_is_too_large) {
  start_echo();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.text();
  w.send_text(pattern(3'000'000));
  EXPECT_EQ(w.frame(), (std::pair<int, std::string>(0x88, "\x03\xf1")));
}

TEST_F(tls_session_test, a_disconnect_during_a_poll_ends_the_session) {
  start_echo();
  auto c = connect_tls();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 2) {
  }
  c.shut_tls();
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(tls_session_test, a_fin_without_close_notify_is_a_normal_close) {
  start_echo();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.text();
  w.shut();
  EXPECT_EQ(next_close(), "transport close");
  auto c = connect_tls();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 3) {
  }
  c.shut();  // while a poll is waiting
  EXPECT_EQ(next_close(), "transport error");
}

}  // namespace
}  // namespace emostream::server

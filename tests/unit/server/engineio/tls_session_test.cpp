#include "net/certificate.hpp"
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct tls_session_test : engineio_fixture {
  certificate served{"first.test"};

  tls_session_test() {
    opts.tls_certificate = served.file();
    opts.tls_key = served.key();
  }

  client connect_tls() const {
    client c(port);
    EXPECT_TRUE(c.start_tls());
    return c;
  }
};

/// Text without a short period, so that lost or swapped bytes are noticed.
std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

TEST_F(tls_session_test, serves_sessions_by_polling_and_by_websocket) {
  start();
  auto c = connect_tls();
  const auto session = open_polling(c);
  EXPECT_EQ(c.post(session, "4hello").body, "ok");
  EXPECT_EQ(c.get(session).body, "4hello");

  auto w = connect_tls();
  EXPECT_EQ(w.upgrade(websocket_of(session)).status, 101);
  w.send_text("2probe");
  EXPECT_EQ(w.read_content(), "3probe");
  w.send_text("5");
  w.send_text("4again");
  EXPECT_EQ(w.read_content(), "4again");
  EXPECT_EQ(stats().sessions_upgraded, 1U);
}

TEST_F(tls_session_test, transfers_large_messages) {
  start();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.read_content();
  for (const std::size_t size : {16'383U, 16'384U, 16'385U, 100'000U, 999'000U}) {
    const auto text = pattern(size);
    w.send_text("4" + text);
    EXPECT_TRUE(w.read_content() == "4" + text) << size;
  }
}

TEST_F(tls_session_test, reads_many_records_that_arrive_together) {
  start();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.read_content();
  constexpr int rounds = 50;
  constexpr int records = 100;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < records; ++i)
      w.send_text("4" + std::to_string(round * records + i));  // one record each
    for (int i = 0; i < records; ++i) EXPECT_EQ(w.read_content(), "4" + std::to_string(round * records + i));
  }
}

// The socket buffers fill up repeatedly, in the middle of TLS records.
TEST_F(tls_session_test, serves_a_client_that_reads_late) {
  start();
  client w(port, 4096);
  ASSERT_TRUE(w.start_tls());
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.read_content();
  const auto text = pattern(60'000);
  for (int i = 0; i < 60; ++i) w.send_text("4" + std::to_string(i % 10) + text);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(w.read_content() == "4" + std::to_string(i % 10) + text) << i;
}

TEST_F(tls_session_test, closes_on_a_message_that_is_too_large) {
  start();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.read_content();
  w.send_text(pattern(3'000'000));
  EXPECT_EQ(w.read_frame(), (std::pair<int, std::string>(0x88, "\x03\xf1")));
}

TEST_F(tls_session_test, a_disconnect_during_a_poll_closes_the_session) {
  start();
  auto c = connect_tls();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 2) {
  }
  c.send_close_notify();
  EXPECT_EQ(next_close(), "transport error");
}

TEST_F(tls_session_test, a_fin_without_close_notify_is_a_normal_close) {
  start();
  auto w = connect_tls();
  EXPECT_EQ(w.upgrade("/engine.io/?EIO=4&transport=websocket").status, 101);
  w.read_content();
  w.send_fin();
  EXPECT_EQ(next_close(), "transport close");
  auto c = connect_tls();
  const auto session = open_polling(c);
  c.send_request("GET", session);
  while (stats().http_requests < 3) {
  }
  c.send_fin();  // while a poll is pending
  EXPECT_EQ(next_close(), "transport error");
}

}  // namespace
}  // namespace emostream::server

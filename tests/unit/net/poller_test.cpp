#include "net/poller.hpp"

#include <array>
#include <memory>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace emostream::net {
namespace {

/// A polled socket and its peer.
struct pair {
  explicit pair(poller& p) {
    std::array<int, 2> ends;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    polled = std::make_unique<polled_socket>(p, ends[0]);
    peer = ends[1];
  }
  ~pair() { ::close(peer); }
  pair(const pair&) = delete;
  pair& operator=(const pair&) = delete;

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(peer, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  /// What read_some() gives; the error's name if there is one.
  std::string read(std::size_t room = 100) const {
    std::string space(room, '\0');
    error_code ec;
    const auto size = polled->read_some(space, ec);
    if (ec == asio::error::would_block) return "(would block)";
    if (ec == asio::error::eof) return "(end)";
    return ec ? ec.message() : space.substr(0, size);
  }

  std::unique_ptr<polled_socket> polled;
  int peer;
};

struct poller_test : testing::Test {
  /// Runs what is to be run now.
  void run() {
    io.restart();
    io.poll();
  }
  /// Waits for `s` to be readable, and tells in `heard`.
  void listen(pair& p, const std::string& name) {
    p.polled->wait_readable([this, name](error_code ec) { heard += name + (ec ? "!" : "") + " "; });
  }

  asio::io_context io;
  poller sockets{io};
  std::string heard;
};

TEST_F(poller_test, tells_of_what_arrives_after_all_was_read) {
  pair p(sockets);
  EXPECT_EQ(p.read(), "(would block)");
  listen(p, "first");
  run();
  EXPECT_EQ(heard, "");
  p.send("hello");
  run();
  EXPECT_EQ(heard, "first ");
  EXPECT_EQ(p.read(), "hello");
  listen(p, "second");
  run();
  EXPECT_EQ(heard, "first ");
  p.send("again");
  run();
  EXPECT_EQ(heard, "first second ");
}

TEST_F(poller_test, tells_at_once_of_what_was_left) {
  pair p(sockets);
  p.send("hello");
  run();
  EXPECT_EQ(p.read(2), "he");
  listen(p, "rest");
  EXPECT_EQ(heard, "");  // not from inside the call
  run();
  EXPECT_EQ(heard, "rest ");
  EXPECT_EQ(p.read(), "llo");
}

TEST_F(poller_test, tells_of_an_end_that_came_with_the_last_bytes) {
  pair p(sockets);
  p.send("bye");
  ::shutdown(p.peer, SHUT_WR);
  listen(p, "bytes");
  run();
  EXPECT_EQ(p.read(), "bye");
  listen(p, "end");
  run();
  EXPECT_EQ(heard, "bytes end ");
  EXPECT_EQ(p.read(), "(end)");
}

TEST_F(poller_test, tells_when_there_is_room_to_write) {
  pair p(sockets);
  const std::string much(100'000, 'x');
  const std::array<asio::const_buffer, 2> twice{asio::buffer(much), asio::buffer(much)};
  error_code ec;
  std::size_t written = 0;
  while (!ec) written += p.polled->write_some(twice, ec);
  EXPECT_EQ(ec, asio::error::would_block);
  p.polled->wait_writable([this](error_code) { heard += "room "; });
  run();
  EXPECT_EQ(heard, "");
  std::string space(1'000'000, '\0');
  while (written > 0) {
    const auto size = ::recv(p.peer, space.data(), space.size(), 0);
    ASSERT_GT(size, 0);
    written -= static_cast<std::size_t>(size);
  }
  run();
  EXPECT_EQ(heard, "room ");
}

TEST_F(poller_test, one_that_is_closed_by_another_is_heard_no_more) {
  pair a(sockets);
  pair b(sockets);
  for (auto* p : {&a, &b}) {
    EXPECT_EQ(p->read(), "(would block)");
    p->send("x");
  }
  a.polled->wait_readable([&](error_code ec) {
    heard += ec ? "a! " : "a ";
    b.polled = nullptr;
  });
  b.polled->wait_readable([&](error_code ec) {
    heard += ec ? "b! " : "b ";
    a.polled = nullptr;
  });
  run();
  EXPECT_TRUE(heard == "a b! " || heard == "b a! ") << heard;
}

TEST_F(poller_test, ends_waits_when_they_are_cancelled) {
  pair p(sockets);
  EXPECT_EQ(p.read(), "(would block)");
  listen(p, "wait");
  p.polled->cancel();
  EXPECT_EQ(heard, "");
  run();
  EXPECT_EQ(heard, "wait! ");
}

TEST(poller, may_go_before_a_socket) {
  asio::io_context io;
  auto sockets = std::make_unique<poller>(io);
  const pair left(*sockets);
  sockets = nullptr;
  char byte = 0;
  EXPECT_EQ(::recv(left.peer, &byte, 1, 0), 0);  // it is closed
}

TEST(poller, lets_go_of_what_waits) {
  asio::io_context io;
  auto sockets = std::make_unique<poller>(io);
  auto held = std::make_shared<pair>(*sockets);
  const std::weak_ptr watched = held;
  EXPECT_EQ(held->read(), "(would block)");
  held->polled->wait_readable([held](error_code) { FAIL(); });
  held = nullptr;
  EXPECT_FALSE(watched.expired());
  sockets = nullptr;
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace emostream::net

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
struct socket_pair {
  explicit socket_pair(poller& p) {
    std::array<int, 2> ends;
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    polled = std::make_unique<polled_socket>(p, ends[0]);
    peer = ends[1];
  }
  ~socket_pair() { ::close(peer); }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(peer, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  /// The bytes that read_some() reads, at most `max_size`, or its error.
  std::string read(std::size_t max_size = 100) const {
    std::string buffer(max_size, '\0');
    error_code ec;
    const auto size = polled->read_some(buffer, ec);
    if (ec == asio::error::would_block) return "(would block)";
    if (ec == asio::error::eof) return "(end)";
    return ec ? ec.message() : buffer.substr(0, size);
  }

  std::unique_ptr<polled_socket> polled;
  int peer;
};

struct poller_test : testing::Test {
  /// Runs the handlers that are ready.
  void run() {
    io.restart();
    io.poll();
  }
  /// Appends `name` to `log` when the socket of `p` is readable, or `name` and "!" if the wait fails.
  void log_readable(socket_pair& p, const std::string& name) {
    p.polled->wait_readable([this, name](error_code ec) { log += name + (ec ? "!" : "") + " "; });
  }

  asio::io_context io;
  turn_queue turns{io.get_executor()};
  poller sockets{io, turns};
  std::string log;
};

TEST_F(poller_test, notifies_of_bytes_that_arrive_after_everything_was_read) {
  socket_pair p(sockets);
  EXPECT_EQ(p.read(), "(would block)");
  log_readable(p, "first");
  run();
  EXPECT_EQ(log, "");
  p.send("hello");
  run();
  EXPECT_EQ(log, "first ");
  EXPECT_EQ(p.read(), "hello");
  log_readable(p, "second");
  run();
  EXPECT_EQ(log, "first ");
  p.send("again");
  run();
  EXPECT_EQ(log, "first second ");
}

TEST_F(poller_test, notifies_of_bytes_that_are_still_unread) {
  socket_pair p(sockets);
  p.send("hello");
  run();
  EXPECT_EQ(p.read(2), "he");
  log_readable(p, "rest");
  EXPECT_EQ(log, "");  // the handler is not called from inside wait_readable()
  run();
  EXPECT_EQ(log, "rest ");
  EXPECT_EQ(p.read(), "llo");
}

TEST_F(poller_test, notifies_of_an_end_that_arrives_with_the_last_bytes) {
  socket_pair p(sockets);
  p.send("bye");
  ::shutdown(p.peer, SHUT_WR);
  log_readable(p, "bytes");
  run();
  EXPECT_EQ(p.read(), "bye");
  log_readable(p, "end");
  run();
  EXPECT_EQ(log, "bytes end ");
  EXPECT_EQ(p.read(), "(end)");
}

TEST_F(poller_test, notifies_when_the_socket_is_writable_again) {
  socket_pair p(sockets);
  const std::string large(100'000, 'x');
  const std::array<asio::const_buffer, 2> twice{asio::buffer(large), asio::buffer(large)};
  error_code ec;
  std::size_t written = 0;
  while (!ec) written += p.polled->write_some(twice, ec);
  EXPECT_EQ(ec, asio::error::would_block);
  p.polled->wait_writable([this](error_code) { log += "writable "; });
  run();
  EXPECT_EQ(log, "");
  std::string buffer(1'000'000, '\0');
  while (written > 0) {
    const auto size = ::recv(p.peer, buffer.data(), buffer.size(), 0);
    ASSERT_GT(size, 0);
    written -= static_cast<std::size_t>(size);
  }
  run();
  EXPECT_EQ(log, "writable ");
}

TEST_F(poller_test, a_socket_destroyed_by_another_handler_is_only_notified_of_the_abort) {
  socket_pair a(sockets);
  socket_pair b(sockets);
  for (auto* p : {&a, &b}) {
    EXPECT_EQ(p->read(), "(would block)");
    p->send("x");
  }
  a.polled->wait_readable([&](error_code ec) {
    log += ec ? "a! " : "a ";
    b.polled = nullptr;
  });
  b.polled->wait_readable([&](error_code ec) {
    log += ec ? "b! " : "b ";
    a.polled = nullptr;
  });
  run();
  EXPECT_TRUE(log == "a b! " || log == "b a! ") << log;
}

TEST_F(poller_test, cancel_aborts_waits) {
  socket_pair p(sockets);
  EXPECT_EQ(p.read(), "(would block)");
  log_readable(p, "wait");
  p.polled->cancel();
  EXPECT_EQ(log, "");
  run();
  EXPECT_EQ(log, "wait! ");
}

TEST(poller, may_be_destroyed_before_a_socket) {
  asio::io_context io;
  turn_queue turns{io.get_executor()};
  auto sockets = std::make_unique<poller>(io, turns);
  const socket_pair remaining(*sockets);
  sockets = nullptr;
  char byte = 0;
  EXPECT_EQ(::recv(remaining.peer, &byte, 1, 0), 0);  // the poller has closed it
}

TEST(poller, destroys_waiting_handlers) {
  asio::io_context io;
  turn_queue turns{io.get_executor()};
  auto sockets = std::make_unique<poller>(io, turns);
  auto held = std::make_shared<socket_pair>(*sockets);
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

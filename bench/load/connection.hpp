#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "load/wire.hpp"

namespace emostream::bench {

using steady_clock = std::chrono::steady_clock;
using time_point = steady_clock::time_point;

/// A file descriptor that closes itself.
class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor();
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// What all connections of one thread wait with.
class poller {
 public:
  poller();

  /// Handles what happens, until then at most; returns after each batch of the kernel's.
  void step(time_point until);

 private:
  friend class connection;

  descriptor epoll_;
  std::vector<char> buffer_;  // for reads; shared
};

/// A WebSocket connection to an Engine.IO server on loopback. It upgrades, answers the heartbeats of both,
/// and hands on what else comes. All errors are exceptions: a measurement with errors is none.
class connection {
 public:
  /// Connects. `upgrade` and the poller must outlive it. Frames up to `short_frame` bytes come with their
  /// content however they arrive.
  connection(poller& owner, std::uint16_t port, std::string_view upgrade, std::size_t short_frame = 1024);
  virtual ~connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Sends as soon as the socket takes it; `bytes` must live as long as the connection.
  void send(std::string_view bytes);
  void send_copy(std::string bytes);

 protected:
  /// A frame, the server's pings apart.
  virtual void on_frame(const frame_reader::received& f) = 0;

  /// Throws with what came unless that was expected.
  static void expect(bool met, const frame_reader::received& f);

 private:
  friend class poller;

  struct piece {
    std::string own;  // what `left` looks at, if it is not the caller's
    std::string_view left;
  };

  void on_events(std::uint32_t events);
  void write();
  void read();
  std::string_view read_upgrade(std::string_view bytes);
  void take(const frame_reader::received& f);

  poller& owner_;
  descriptor fd_;
  bool upgraded_ = false;
  std::string head_;          // of the answer to the upgrade
  std::deque<piece> unsent_;  // the first one partly sent, perhaps
  bool waits_to_write_ = true;
  frame_reader frames_;
};

}  // namespace emostream::bench

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

/// Owns a file descriptor and closes it.
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

/// The epoll instance and read buffer that all connections of a thread share.
class poller {
 public:
  poller();

  /// Waits for events until `until` at most and handles one batch.
  void step(time_point until);

 private:
  friend class connection;

  descriptor epoll_;
  std::vector<char> buffer_;  // the connections read into it
};

/// A WebSocket connection to an Engine.IO server on loopback. It upgrades, answers the pings of both
/// protocols, and passes other frames to on_frame(). All errors, and close frames, are exceptions, because a
/// measurement with errors is invalid.
class connection {
 public:
  /// Starts to connect. `upgrade` and the poller must outlive the connection. Frames of up to `short_frame`
  /// bytes are always passed with their content.
  connection(poller& owner, std::uint16_t port, std::string_view upgrade, std::size_t short_frame = 1024);
  virtual ~connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Sends as soon as the socket is writable. `bytes` must outlive the connection; send_copy() copies them.
  void send(std::string_view bytes);
  void send_copy(std::string bytes);

 protected:
  /// Called for each frame except pings and close frames.
  virtual void on_frame(const frame_reader::received& f) = 0;

  /// Unless `met`, throws an exception that quotes the beginning of the frame.
  static void expect(bool met, const frame_reader::received& f);

 private:
  friend class poller;

  struct piece {
    std::string own;        // storage of `left`, unless the caller owns the bytes
    std::string_view left;  // the bytes that are not sent yet
  };

  void on_events(std::uint32_t events);
  void write();
  void read();
  std::string_view read_upgrade(std::string_view bytes);
  void take(const frame_reader::received& f);

  poller& owner_;
  descriptor fd_;
  bool upgraded_ = false;
  std::string head_;          // header of the response to the upgrade, as far as it was received
  std::deque<piece> unsent_;  // the first one may be partly sent
  bool write_pending_ = true;
  frame_reader frames_;
};

}  // namespace emostream::bench

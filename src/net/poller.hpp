#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>
#include <sys/epoll.h>

#include "net/asio.hpp"
#include "net/turn_queue.hpp"

namespace emostream::net {

class poller;

/// A connected TCP socket that a poller waits for. Its functions behave like those of stream.
class polled_socket
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  /// Takes ownership of the non-blocking descriptor, unless the constructor throws. The poller must outlive
  /// all use of the socket except its destruction.
  polled_socket(poller& p, int descriptor);
  ~polled_socket();
  polled_socket(const polled_socket&) = delete;
  polled_socket& operator=(const polled_socket&) = delete;

  std::size_t read_some(std::span<char> buffer, error_code& ec);
  std::size_t write_some(std::span<const asio::const_buffer> buffers, error_code& ec);
  void shutdown_send();

  template <class Handler>
  void wait_readable(Handler&& handler) {
    wait(readable_, on_readable_, std::forward<Handler>(handler));
  }
  template <class Handler>
  void wait_writable(Handler&& handler) {
    wait(writable_, on_writable_, std::forward<Handler>(handler));
  }
  void cancel();

 private:
  friend class poller;
  using callback = std::move_only_function<void(error_code)>;

  void wait(bool ready, callback& waiting, callback handler);
  void post(callback handler, error_code ec);

  poller& poller_;
  int descriptor_;
  // Assumed until an operation would block: edge-triggered epoll reports only changes.
  bool readable_ = true;
  bool writable_ = true;
  bool ended_ = false;  // the next reads will reach the end of the stream, or an error
  callback on_readable_;
  callback on_writable_;
};

/// Waits for many sockets with its own edge-triggered epoll set; Asio waits for that set. Asio makes a system
/// call for each wait on a socket; here a socket is registered once, and a read that fills its buffer shows
/// that there may be more to read.
class poller {
 public:
  /// `turns` begins to take the turns that are queued by the handlers of one wait once it has called them
  /// all.
  poller(asio::io_context& io, turn_queue& turns);
  /// Destroys the waiting handlers, and with them the connections that they keep alive. Sockets that still
  /// exist afterwards may only be destroyed.
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

 private:
  friend class polled_socket;

  void wait();
  void dispatch();
  void add(polled_socket& s);
  void remove(polled_socket& s);

  boost::intrusive::list<polled_socket, boost::intrusive::constant_time_size<false>> sockets_;
  turn_queue& turns_;
  asio::posix::basic_stream_descriptor<executor> set_;
  std::array<epoll_event, 256> events_;
  std::span<epoll_event> pending_;  // the part of events_ that has not been dispatched
};

}  // namespace emostream::net

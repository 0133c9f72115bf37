#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/asio.hpp"
#include "net/poller.hpp"
#include "net/tls.hpp"

namespace emostream::net {

/// The bytes of one connection, both ways: plain TCP, or TLS over it. Non-blocking: read_some() and
/// write_some() do what can be done at once, wait_readable() and wait_writable() call when there is more to
/// do. It is an AsyncReadStream and an AsyncWriteStream of Asio too, as Beast's HTTP wants one. Handlers of
/// an operation keep the stream alive, and it does not move meanwhile.
class stream {
 public:
  using executor_type = executor;

  /// Plain. `socket` is non-blocking.
  explicit stream(tcp_socket socket) : socket_(std::move(socket)) {}
  /// TLS; begin with async_handshake().
  stream(tcp_socket socket, const tls_context& context);

  [[nodiscard]] executor_type get_executor() { return socket_.get_executor(); }
  [[nodiscard]] bool secure() const { return tls_ != nullptr; }

  /// Has `p` wait for it from now on, which is cheaper for much that is short; TLS stays as it is. No wait or
  /// operation is under way.
  void wait_with(poller& p);

  /// `handler(error_code)`. After is_plain_http() the stream is plain, its request thrown away.
  void async_handshake(std::move_only_function<void(error_code)> handler);

  /// Bytes that are there, at least one; else 0 with error::would_block, or with error::eof at the client's
  /// end.
  std::size_t read_some(std::span<char> space, error_code& ec) {
    if (polled_) return polled_->read_some(space, ec);
    if (tls_) return tls_->read_some(space, ec);
    return socket_.read_some(asio::buffer(space.data(), space.size()), ec);
  }
  /// Writes what the kernel takes. After would_block the next call must begin with the same bytes.
  std::size_t write_some(std::span<const asio::const_buffer> buffers, error_code& ec) {
    if (polled_) return polled_->write_some(buffers, ec);
    if (tls_) return tls_->write_some(buffers, ec);
    return socket_.write_some(buffers, ec);
  }
  /// Looks at what read_some() would do: success if there are bytes.
  error_code peek();

  /// `handler(error_code)` once read_some() is worth trying: it may still be would_block. At most one at a
  /// time.
  template <class Handler>
  void wait_readable(Handler&& handler) {
    if (polled_) return polled_->wait_readable(std::forward<Handler>(handler));
    if (!tls_) return socket_.async_wait(tcp_socket::wait_read, std::forward<Handler>(handler));
    if (tls_->pending())
      return asio::post(get_executor(),
                        [h = std::forward<Handler>(handler)]() mutable { std::move(h)(error_code()); });
    socket_.async_wait(tls_->reading(), std::forward<Handler>(handler));
  }
  /// `handler(error_code)` once write_some(), which would have blocked, is worth trying again.
  template <class Handler>
  void wait_writable(Handler&& handler) {
    if (polled_) return polled_->wait_writable(std::forward<Handler>(handler));
    socket_.async_wait(tls_ ? tls_->writing() : tcp_socket::wait_write, std::forward<Handler>(handler));
  }
  /// Ends the waits and operations under way with error::operation_aborted.
  void cancel() {
    if (polled_) return polled_->cancel();
    error_code ignored;
    socket_.cancel(ignored);
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (!tls_ && !polled_) return socket_.async_read_some(buffers, std::forward<Handler>(handler));
    const asio::mutable_buffer space = *asio::buffer_sequence_begin(buffers);
    start(
        [this, space](error_code& ec) {
          return read_some({static_cast<char*>(space.data()), space.size()}, ec);
        },
        [this](auto&& h) { wait_readable(std::forward<decltype(h)>(h)); }, std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (!tls_ && !polled_) return socket_.async_write_some(buffers, std::forward<Handler>(handler));
    start([this, buffers](error_code& ec) { return write_sequence(buffers, ec); },
          [this](auto&& h) { wait_writable(std::forward<decltype(h)>(h)); }, std::forward<Handler>(handler));
  }

  /// Ends what is sent: close_notify, if TLS, and the FIN.
  void shutdown_send();
  /// Ends both directions, and the operations under way.
  void close();

 private:
  /// Tries `attempt`, now and whenever `wait` says so, until it is not would_block; calls `handler` then, and
  /// never from inside this call.
  template <class Attempt, class Wait, class Handler>
  void start(Attempt attempt, Wait wait, Handler&& handler) {
    error_code ec;
    const std::size_t size = attempt(ec);
    if (ec == asio::error::would_block) return again(attempt, wait, std::forward<Handler>(handler));
    asio::post(get_executor(),
               [h = std::forward<Handler>(handler), ec, size]() mutable { std::move(h)(ec, size); });
  }
  template <class Attempt, class Wait, class Handler>
  void again(Attempt attempt, Wait wait, Handler&& handler) {
    wait([this, attempt, wait, h = std::forward<Handler>(handler)](error_code ec) mutable {
      const std::size_t size = ec ? 0 : attempt(ec);
      if (ec == asio::error::would_block) return again(attempt, wait, std::move(h));
      std::move(h)(ec, size);
    });
  }
  template <class Buffers>
  std::size_t write_sequence(const Buffers& buffers, error_code& ec) {
    std::array<asio::const_buffer, 16> some;
    std::size_t n = 0;
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto it = asio::buffer_sequence_begin(buffers); it != end && n < some.size(); ++it) some[n++] = *it;
    return write_some(std::span(some).first(n), ec);
  }
  void shake_hands(std::move_only_function<void(error_code)> handler);

  tcp_socket socket_;                      // closed if `polled_`
  std::unique_ptr<polled_socket> polled_;  // null: Asio waits
  std::unique_ptr<tls_session> tls_;       // null: plain
};

}  // namespace emostream::net

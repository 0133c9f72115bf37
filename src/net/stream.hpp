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

/// The byte stream of one connection: plain TCP, or TLS over it. Non-blocking: read_some() and write_some()
/// do what is possible immediately; wait_readable() and wait_writable() call back when it is worth calling
/// them again. It is also an AsyncReadStream and AsyncWriteStream of Asio, for the async_read() of Beast and
/// the async_write() of Asio. The handler of an operation must keep the stream alive, and the stream must not
/// be moved during the operation.
class stream {
 public:
  using executor_type = executor;

  /// Plain. `socket` is non-blocking.
  explicit stream(tcp_socket socket) : socket_(std::move(socket)) {}
  /// TLS over a non-blocking socket; begin with async_handshake().
  stream(tcp_socket socket, const tls_context& context);

  [[nodiscard]] executor_type get_executor() { return socket_.get_executor(); }
  [[nodiscard]] bool secure() const { return tls_ != nullptr; }

  /// From now on `p` waits for the socket, which is cheaper for many short messages. No effect with TLS. No
  /// wait or operation may be in progress.
  void wait_with(poller& p);

  /// `handler(error_code)`. If is_plain_http(error), the client has sent a plain HTTP request: what has been
  /// read of it is discarded, and the stream is plain afterwards.
  void async_handshake(std::move_only_function<void(error_code)> handler);

  /// Reads the available bytes, at least one; otherwise 0 with an error: error::would_block, error::eof at
  /// the end, or another one.
  std::size_t read_some(std::span<char> buffer, error_code& ec) {
    if (polled_) return polled_->read_some(buffer, ec);
    if (tls_) return tls_->read_some(buffer, ec);
    return socket_.read_some(asio::buffer(buffer.data(), buffer.size()), ec);
  }
  /// Writes some or all of the bytes. After would_block the next call must begin with the same bytes.
  std::size_t write_some(std::span<const asio::const_buffer> buffers, error_code& ec) {
    if (polled_) return polled_->write_some(buffers, ec);
    if (tls_) return tls_->write_some(buffers, ec);
    return socket_.write_some(buffers, ec);
  }
  /// The error that read_some() would give; success if there are bytes to read.
  error_code peek();

  /// `handler(error_code)` once read_some() is worth calling; it may still give would_block. After
  /// wait_with(), only one wait of each kind may be pending.
  template <class Handler>
  void wait_readable(Handler&& handler) {
    if (polled_) return polled_->wait_readable(std::forward<Handler>(handler));
    if (!tls_) return socket_.async_wait(tcp_socket::wait_read, std::forward<Handler>(handler));
    if (tls_->pending())
      return asio::post(get_executor(),
                        [h = std::forward<Handler>(handler)]() mutable { std::move(h)(error_code()); });
    socket_.async_wait(tls_->read_wait(), std::forward<Handler>(handler));
  }
  /// `handler(error_code)` once write_some(), after would_block, is worth calling again.
  template <class Handler>
  void wait_writable(Handler&& handler) {
    if (polled_) return polled_->wait_writable(std::forward<Handler>(handler));
    socket_.async_wait(tls_ ? tls_->write_wait() : tcp_socket::wait_write, std::forward<Handler>(handler));
  }
  /// Completes the waits and operations in progress with error::operation_aborted.
  void cancel() {
    if (polled_) return polled_->cancel();
    error_code ignored;
    socket_.cancel(ignored);
  }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (!tls_ && !polled_) return socket_.async_read_some(buffers, std::forward<Handler>(handler));
    const asio::mutable_buffer buffer = *asio::buffer_sequence_begin(buffers);
    start(
        [this, buffer](error_code& ec) {
          return read_some({static_cast<char*>(buffer.data()), buffer.size()}, ec);
        },
        [this](auto&& h) { this->wait_readable(std::forward<decltype(h)>(h)); },
        std::forward<Handler>(handler));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (!tls_ && !polled_) return socket_.async_write_some(buffers, std::forward<Handler>(handler));
    start([this, buffers](error_code& ec) { return write_sequence(buffers, ec); },
          [this](auto&& h) { this->wait_writable(std::forward<decltype(h)>(h)); },
          std::forward<Handler>(handler));
  }

  /// Ends the sending direction: sends close_notify with TLS, and the FIN.
  void shutdown_send();
  /// Closes both directions; ends the operations in progress.
  void close();

 private:
  /// Calls `attempt`, now and after each `wait`, until its result is not would_block or the wait fails; then
  /// calls `handler`, never from inside this call.
  template <class Attempt, class Wait, class Handler>
  void start(Attempt attempt, Wait wait, Handler&& handler) {
    error_code ec;
    const std::size_t size = attempt(ec);
    if (ec == asio::error::would_block) return retry(attempt, wait, std::forward<Handler>(handler));
    asio::post(get_executor(),
               [h = std::forward<Handler>(handler), ec, size]() mutable { std::move(h)(ec, size); });
  }
  template <class Attempt, class Wait, class Handler>
  void retry(Attempt attempt, Wait wait, Handler&& handler) {
    wait([this, attempt, wait, h = std::forward<Handler>(handler)](error_code ec) mutable {
      const std::size_t size = ec ? 0 : attempt(ec);
      if (ec == asio::error::would_block) return retry(attempt, wait, std::move(h));
      std::move(h)(ec, size);
    });
  }
  template <class Buffers>
  std::size_t write_sequence(const Buffers& buffers, error_code& ec) {
    std::array<asio::const_buffer, 16> list;
    std::size_t n = 0;
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto it = asio::buffer_sequence_begin(buffers); it != end && n < list.size(); ++it) list[n++] = *it;
    return write_some(std::span(list).first(n), ec);
  }
  void continue_handshake(std::move_only_function<void(error_code)> handler);

  tcp_socket socket_;                      // not open if `polled_` is set
  std::unique_ptr<polled_socket> polled_;  // null: Asio waits for the socket
  std::unique_ptr<tls_session> tls_;       // null: plain
};

}  // namespace emostream::net

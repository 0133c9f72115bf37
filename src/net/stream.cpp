#include "net/stream.hpp"

namespace emostream::net {

stream::stream(tcp_socket socket, const tls_context& context)
    : socket_(std::move(socket)), tls_(std::make_unique<tls_session>(context, socket_.native_handle())) {}

void stream::wait_with(poller& p) {
  if (tls_) return;
  polled_ = std::make_unique<polled_socket>(p, socket_.native_handle());
  socket_.release();
}

void stream::async_handshake(std::move_only_function<void(error_code)> handler) {
  socket_.async_wait(tcp_socket::wait_read, [this, handler = std::move(handler)](error_code ec) mutable {
    if (!ec) return continue_handshake(std::move(handler));
    handler(ec);
  });
}

void stream::continue_handshake(std::move_only_function<void(error_code)> handler) {
  if (!tls_) return handler(asio::error::operation_aborted);  // closed in the meantime
  auto ec = tls_->handshake();
  if (ec == asio::error::would_block)
    return socket_.async_wait(tls_->read_wait(),
                              [this, handler = std::move(handler)](error_code failed) mutable {
                                if (!failed) return continue_handshake(std::move(handler));
                                handler(failed);
                              });
  if (is_plain_http(ec)) tls_ = nullptr;
  handler(ec);
}

error_code stream::peek() {
  if (tls_) return tls_->peek();
  error_code ec;
  char byte = 0;
  const auto size = socket_.receive(asio::buffer(&byte, 1), tcp_socket::message_peek, ec);
  if (!ec && size == 0) ec = asio::error::eof;
  return ec;
}

void stream::shutdown_send() {
  if (polled_) return polled_->shutdown_send();
  if (tls_) tls_->send_close_notify();
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void stream::close() {
  if (tls_) tls_->send_close_notify();
  polled_ = nullptr;
  tls_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace emostream::net

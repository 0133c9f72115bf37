#include "net/websocket_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace emostream::net {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

/// An idle connection holds this much of a read buffer; a longer message makes it grow, and its end lets go
/// of it.
constexpr std::size_t small_buffer = 256;
constexpr std::size_t large_buffer = 16'384;

/// For the upgrade, and for the client's half of the closing handshake.
constexpr std::chrono::seconds handshake_timeout{5};

engineio::close_reason reason_of(const error_code& ec) {
  const bool closed = ec == websocket::error::closed || ec == asio::error::eof ||
                      ec == asio::error::connection_reset || ec == asio::error::broken_pipe;
  return closed ? engineio::close_reason::transport_close : engineio::close_reason::transport_error;
}

beast::http::request<beast::http::empty_body> request_of(const request_head& head) {
  beast::http::request<beast::http::empty_body> request{beast::http::verb::get, head.target, 11};
  for (const auto& [name, value] : head.headers) request.insert(name, value);
  return request;
}

}  // namespace

struct websocket_connection::impl {
  impl(tcp_socket socket, connection_slot s) : slot(std::move(s)), stream(std::move(socket)) {}

  connection_slot slot;
  websocket::stream<tcp_socket, false> stream;
  std::shared_ptr<websocket_listener> listener;  // null once it has heard that we are gone
  std::string message;                           // received so far: its first `filled` bytes
  std::size_t filled = 0;
  std::vector<engineio::packet> packets;  // being written,
  std::size_t written = 0;                // the first of them already
};

websocket_connection::websocket_connection(context& c, tcp_socket socket, connection_slot slot)
    : impl_(std::make_unique<impl>(std::move(socket), std::move(slot))) {
  auto& stream = impl_->stream;
  websocket::stream_base::timeout timeout{handshake_timeout, websocket::stream_base::none(), false};
  stream.set_option(timeout);
  stream.set_option(websocket::stream_base::decorator(
      [](websocket::response_type& r) { r.set(beast::http::field::server, "emostream"); }));
  stream.read_message_max(c.opts.engineio.max_http_buffer_size);
  stream.auto_fragment(false);
}

websocket_connection::~websocket_connection() = default;

void websocket_connection::turn_away(const request_head& head) {
  impl_->stream.async_accept(request_of(head), [self = shared_from_this()](error_code ec) {
    if (!ec) self->impl_->stream.async_close(websocket::close_code::normal, [self](error_code) {});
  });
}

void websocket_connection::open(const request_head& head, std::shared_ptr<websocket_listener> listener) {
  impl_->listener = std::move(listener);
  impl_->stream.async_accept(request_of(head), [self = shared_from_this()](error_code ec) {
    if (ec) return self->fail(reason_of(ec));
    if (!self->impl_->listener) return;
    self->impl_->message.resize(small_buffer);
    self->impl_->listener->on_websocket_open();
    self->read();
  });
}

bool websocket_connection::is_open() const {
  return impl_->listener && impl_->stream.is_open();
}

void websocket_connection::read() {
  auto& buffer = impl_->message;
  if (impl_->filled == buffer.size()) buffer.resize(std::max(large_buffer, buffer.size() * 2));
  impl_->stream.async_read_some(asio::buffer(buffer.data() + impl_->filled, buffer.size() - impl_->filled),
                                [self = shared_from_this()](error_code ec, std::size_t size) {
                                  if (ec) return self->fail(reason_of(ec));
                                  self->on_read(size);
                                });
}

void websocket_connection::on_read(std::size_t size) {
  impl_->filled += size;
  if (impl_->stream.is_message_done()) {
    const std::string_view content(impl_->message.data(), std::exchange(impl_->filled, 0));
    const auto listener = impl_->listener;  // kept over the call
    if (listener) listener->on_websocket_message(content, impl_->stream.got_binary());
    if (impl_->message.size() > large_buffer) std::string(small_buffer, '\0').swap(impl_->message);
  }
  if (impl_->listener || impl_->stream.is_open()) read();  // after close(): until the client's close frame
}

void websocket_connection::write(std::vector<engineio::packet>& packets) {
  if (!impl_->listener) return;
  impl_->packets.swap(packets);
  write_next();
}

void websocket_connection::write_next() {
  const auto& p = impl_->packets[impl_->written];
  impl_->stream.binary(p.binary);
  // The packet's letter and the bytes that all receivers share go out in one writev, uncopied.
  const std::array<asio::const_buffer, 2> frame{asio::buffer(p.prefix()), asio::buffer(p.text())};
  impl_->stream.async_write(frame, [self = shared_from_this()](error_code ec, std::size_t) {
    auto& i = *self->impl_;
    if (ec) return self->fail(reason_of(ec));
    if (!i.listener) return;
    if (++i.written < i.packets.size()) return self->write_next();
    i.packets.clear();
    i.written = 0;
    const auto listener = i.listener;
    listener->on_websocket_written();
  });
}

void websocket_connection::close() {
  if (!std::exchange(impl_->listener, nullptr)) return;
  if (!impl_->packets.empty() || !impl_->stream.is_open()) {
    error_code ignored;
    impl_->stream.next_layer().close(ignored);
    return;
  }
  impl_->stream.async_close(websocket::close_code::normal, [self = shared_from_this()](error_code) {});
}

void websocket_connection::fail(engineio::close_reason reason) {
  error_code ignored;
  impl_->stream.next_layer().close(ignored);
  if (const auto listener = std::exchange(impl_->listener, nullptr)) listener->on_websocket_gone(reason);
}

}  // namespace emostream::net

#include "net/websocket/websocket_connection.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "net/websocket/permessage_deflate.hpp"
#include "net/websocket/websocket_reader.hpp"

namespace emostream::net {

namespace {

/// Texts up to this size are copied behind their frame's head; larger ones are written from where they are,
/// so that the bytes of a broadcast stay shared.
constexpr std::size_t copied_text = 1024;

/// An idle connection holds no more memory for what it is going to write.
constexpr std::size_t kept_bytes = 1024;

/// For the client's half of the closing handshake, and how much it may still send meanwhile.
constexpr std::chrono::seconds parting_timeout{5};
constexpr std::size_t parting_bytes = 16'000'000;

/// What is read in one turn of compressed messages: each KB may be a MB, and others wait.
constexpr std::size_t deflated_at_once = 16'384;

engineio::close_reason reason_of(const error_code& ec) {
  const bool closed =
      ec == asio::error::eof || ec == asio::error::connection_reset || ec == asio::error::broken_pipe;
  return closed ? engineio::close_reason::transport_close : engineio::close_reason::transport_error;
}

std::string control_frame(opcode type, std::string_view content) {
  std::string frame;
  append_frame_head(frame, type, content.size());
  return frame.append(content);
}

}  // namespace

enum class websocket_connection::phase {
  opening,
  open,
  closing,    // this side closes: only the client's close frame matters
  lingering,  // nothing matters; but a client that still sends would lose our close frame to a reset
  closed
};

struct websocket_connection::impl {
  impl(context& c, stream s, connection_slot slot_)
      : ctx(c), slot(std::move(slot_)), io(std::move(s)), reader(c.opts.engineio.max_http_buffer_size) {}

  context& ctx;
  connection_slot slot;
  stream io;
  phase at = phase::opening;
  std::shared_ptr<websocket_listener> listener;  // null once it has heard that we are gone
  websocket_reader reader;
  bool hearing = false;  // the listener hears what arrived

  // What is being written: views of `bytes` and of the packets' texts, the first `written` of them already.
  std::vector<asio::const_buffer> buffers;
  std::size_t written = 0;
  std::string bytes;
  std::vector<engineio::packet> packets;
  bool writing = false;  // the kernel did not take it all at once

  /// Where both sides want messages compressed.
  struct compression {
    message_deflate codec;
    std::vector<shared_bytes> written;  // for the packets; null: as they are
  };
  std::unique_ptr<compression> deflate;

  // Control frames that wait for that. A pong for the last ping is enough (RFC 6455 section 5.5.3).
  std::string pong;
  std::string goodbye;
  bool parting = false;  // `goodbye` waits or is being written; then comes
  phase after_goodbye = phase::closed;
  std::optional<steady_timer> patience;
  std::size_t ignored = 0;
};

std::optional<http_response> refuse_handshake(const request_head& head) {
  if (head.header("sec-websocket-version") != "13") {
    auto response = http_response::error(426, "WebSocket version 13 is wanted");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    response.headers.emplace_back("Connection", "Upgrade");  // RFC 9110 sections 7.8 and 15.5.22
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  constexpr std::size_t key_size = 24;  // 16 bytes as base64
  if (head.header("sec-websocket-key").value_or("").size() != key_size)
    return http_response::error(400, "Bad Sec-WebSocket-Key");
  return std::nullopt;
}

websocket_connection::websocket_connection(context& c, stream io, connection_slot slot,
                                           std::string header_lines)
    : impl_(std::make_unique<impl>(c, std::move(io), std::move(slot))) {
  impl_->bytes = std::move(header_lines);
  impl_->io.wait_with(c.sockets);
}

websocket_connection::~websocket_connection() = default;

// Opening.

void websocket_connection::open(const request_head& head, std::shared_ptr<websocket_listener> listener) {
  impl_->listener = std::move(listener);
  if (!impl_->listener) limit_parting();  // nobody else has a deadline for it
  impl_->bytes =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nServer: "
      "emostream\r\n" +
      impl_->bytes +
      "Sec-WebSocket-Accept: " + websocket_accept(head.header("sec-websocket-key").value_or("")) + "\r\n";
  agree_on_compression(head);
  impl_->bytes += "\r\n";
  asio::async_write(impl_->io, asio::buffer(impl_->bytes),
                    [self = shared_from_this()](error_code ec, std::size_t) { self->on_opened(ec); });
}

void websocket_connection::agree_on_compression(const request_head& head) {
  auto& i = *impl_;
  const auto& ours = i.ctx.opts.per_message_deflate;
  const auto agreed = ours ? negotiate_deflate(head, *ours) : std::nullopt;
  if (!agreed) return;
  i.deflate.reset(new impl::compression{{i.ctx.deflate, *agreed, ours->threshold}, {}});
  i.reader = websocket_reader(i.ctx.opts.engineio.max_http_buffer_size, &i.deflate->codec);
  i.bytes += "Sec-WebSocket-Extensions: " + to_header(*agreed) + "\r\n";
}

void websocket_connection::on_opened(error_code ec) {
  if (impl_->at == phase::closed) return;
  if (ec) return fail(ec);
  std::string().swap(impl_->bytes);
  impl_->at = phase::open;
  if (const auto listener = impl_->listener)
    listener->on_websocket_open();
  else
    part(close_frame_content(close_code::normal), phase::closing);
  if (impl_->at != phase::closed) read();
}

// Reading.

void websocket_connection::read() {
  impl_->io.wait_readable([self = shared_from_this()](error_code ec) {
    if (self->impl_->at == phase::closed) return;
    if (ec) return self->fail(ec);
    self->on_readable();
  });
}

void websocket_connection::on_readable() {
  auto& i = *impl_;
  error_code ec;
  const auto room = std::span(i.ctx.received).first(i.deflate ? deflated_at_once : i.ctx.received.size());
  const auto size = i.io.read_some(room, ec);
  if (ec == asio::error::would_block) return read();
  if (ec) return fail(ec);
  if (i.at != phase::open && (i.ignored += size) > parting_bytes) return cut();
  if (i.at != phase::lingering) i.reader.received(room.first(size));
  i.hearing = true;
  while (i.at == phase::open || i.at == phase::closing) {
    const auto next = i.reader.next();
    if (!next)
      on_violation(next.error());
    else if (*next)
      on_frame((*next)->type, (*next)->content);
    else
      break;
  }
  i.hearing = false;
  resume();
  if (i.at != phase::closed) read();
}

void websocket_connection::on_frame(opcode type, std::string_view content) {
  auto& i = *impl_;
  if (type == opcode::close) {
    i.hearing = false;
    resume();  // the answers to what came before go first
    if (i.at != phase::open) return leave();
    part(content.substr(0, 2), phase::closed);
    tell_gone(engineio::close_reason::transport_close);
  } else if (i.at == phase::open && type == opcode::ping) {
    i.pong = control_frame(opcode::pong, content);
  } else if (i.at == phase::open && type != opcode::pong) {
    const auto listener = i.listener;  // kept over the call
    listener->on_websocket_message(content, type == opcode::binary);
  }
}

void websocket_connection::on_violation(close_code code) {
  if (impl_->at != phase::open) return leave();
  part(close_frame_content(code), phase::lingering);
  tell_gone(engineio::close_reason::transport_error);
}

/// What had to wait for the listener to have heard all, or for a write.
void websocket_connection::resume() {
  send_control();
  if (!writable()) return;
  const auto listener = impl_->listener;
  listener->on_websocket_writable();
}

// Writing.

bool websocket_connection::writable() const {
  return impl_->at == phase::open && !impl_->writing;
}

bool websocket_connection::hearing() const {
  return impl_->hearing;
}

bool websocket_connection::write(std::vector<engineio::packet>& packets) {
  auto& i = *impl_;
  i.packets.swap(packets);
  if (i.deflate)
    for (const auto& p : i.packets)
      i.deflate->written.push_back(p.compress ? i.deflate->codec.deflate(p.prefix(), p.data) : nullptr);
  struct form {
    std::string_view prefix;
    std::string_view text;
    bool deflated;
  };
  const auto form_of = [&i](const engineio::packet& p) -> form {
    const auto* small =
        i.deflate ? i.deflate->written[static_cast<std::size_t>(&p - i.packets.data())].get() : nullptr;
    return small ? form{{}, *small, true} : form{p.prefix(), p.text(), false};
  };
  const auto copied = [](std::string_view text) { return text.size() <= copied_text; };
  std::size_t size = 0;
  for (const auto& p : i.packets) {
    const auto text = form_of(p).text;
    size += max_frame_head + 1 + (copied(text) ? text.size() : 0);
  }
  i.bytes.reserve(size);  // nothing moves below

  std::size_t taken = 0;
  const auto take_bytes = [&] {
    i.buffers.emplace_back(i.bytes.data() + taken, i.bytes.size() - taken);
    taken = i.bytes.size();
  };
  for (const auto& p : i.packets) {
    const auto [prefix, text, deflated] = form_of(p);
    append_frame_head(i.bytes, p.binary ? opcode::binary : opcode::text, prefix.size() + text.size(),
                      deflated);
    i.bytes += prefix;
    if (copied(text)) {
      i.bytes += text;
    } else {
      take_bytes();
      i.buffers.push_back(asio::buffer(text));
    }
  }
  if (taken != i.bytes.size()) take_bytes();
  return flush();
}

void websocket_connection::send_control() {
  auto& i = *impl_;
  if (i.at == phase::closed || i.writing || i.hearing || (i.pong.empty() && i.goodbye.empty())) return;
  i.bytes = std::exchange(i.pong, {}) + std::exchange(i.goodbye, {});
  i.buffers.push_back(asio::buffer(i.bytes));
  flush();
}

/// Gives the kernel what is to be written; true if that is all.
bool websocket_connection::flush() {
  auto& i = *impl_;
  const auto consume = [&i](std::size_t size) {
    while (i.written < i.buffers.size() && size >= i.buffers[i.written].size())
      size -= i.buffers[i.written++].size();
    if (size != 0) i.buffers[i.written] += size;
  };
  error_code ec;
  while (!ec && i.written < i.buffers.size())
    consume(i.io.write_some(std::span(i.buffers).subspan(i.written), ec));
  if (ec) {
    i.writing = true;
    const auto go_on = [self = shared_from_this()](error_code failure) {
      if (self->impl_->at == phase::closed) return;
      if (failure) return self->fail(failure);
      self->impl_->writing = false;
      if (self->flush()) self->resume();
    };
    if (ec == asio::error::would_block)
      i.io.wait_writable(go_on);
    else
      asio::post(i.io.get_executor(), [go_on, ec] { go_on(ec); });  // not from inside the listener's call
    return false;
  }
  i.buffers.clear();
  i.written = 0;
  i.packets.clear();
  if (i.deflate) i.deflate->written.clear();
  i.bytes.clear();
  if (i.bytes.capacity() > kept_bytes) std::string().swap(i.bytes);
  if (i.parting && i.goodbye.empty()) on_parted();
  return true;
}

// Closing.

void websocket_connection::close() {
  auto& i = *impl_;
  if (!std::exchange(i.listener, nullptr)) return;
  if (i.at != phase::open || i.writing) return cut();
  part(close_frame_content(close_code::normal), phase::closing);
}

/// Sends a close frame, as soon as that is possible; `then` is what comes next.
void websocket_connection::part(std::string_view content, phase then) {
  auto& i = *impl_;
  i.at = then == phase::closing ? phase::closing : phase::lingering;
  i.goodbye = control_frame(opcode::close, content);
  i.parting = true;
  i.after_goodbye = then;
  if (i.at == phase::lingering) i.reader = websocket_reader(0);  // which lets go of its memory
  limit_parting();
  send_control();
}

void websocket_connection::limit_parting() {
  impl_->patience.emplace(impl_->io.get_executor(), parting_timeout)
      .async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->cut();
      });
}

void websocket_connection::on_parted() {
  auto& i = *impl_;
  i.parting = false;
  if (i.after_goodbye == phase::closed) return cut();
  if (i.after_goodbye == phase::lingering) i.io.shutdown_send();
}

/// Ends a close of this side, once its close frame is out.
void websocket_connection::leave() {
  if (!impl_->parting) return cut();
  impl_->at = phase::lingering;
  impl_->after_goodbye = phase::closed;
}

void websocket_connection::tell_gone(engineio::close_reason reason) {
  if (const auto listener = std::exchange(impl_->listener, nullptr)) listener->on_websocket_gone(reason);
}

void websocket_connection::fail(const error_code& ec) {
  cut();
  tell_gone(reason_of(ec));
}

void websocket_connection::cut() {
  auto& i = *impl_;
  i.at = phase::closed;
  if (i.patience) i.patience->cancel();
  i.io.close();
}

}  // namespace emostream::net

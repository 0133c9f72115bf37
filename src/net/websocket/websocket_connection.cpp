#include "net/websocket/websocket_connection.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace emostream::net {

namespace {

/// Message data up to this size is copied after its frame header; larger data is written without a copy, so
/// that the bytes of a broadcast stay shared.
constexpr std::size_t max_copied_bytes = 1024;

/// The maximum capacity of the write buffer of an idle connection.
constexpr std::size_t max_idle_capacity = 1024;

/// Limits of the closing handshake: the time that it may take, and the bytes that the client may still send.
constexpr std::chrono::seconds close_timeout{5};
constexpr std::size_t max_discarded = 16'000'000;

/// The maximum size of one read if messages may be compressed, because each KB may inflate to a MB, and if
/// only small messages are allowed, because what a turn does not handle is kept.
constexpr std::size_t max_short_read = 16'384;

websocket_end end_of(const error_code& ec) {
  const bool closed =
      ec == asio::error::eof || ec == asio::error::connection_reset || ec == asio::error::broken_pipe;
  return closed ? websocket_end::closed : websocket_end::failed;
}

std::string control_frame(opcode type, std::string_view content) {
  std::string frame;
  append_frame_header(frame, type, content.size());
  return frame.append(content);
}

}  // namespace

websocket_connection::websocket_connection(websocket_context& c, turn_queue& turns, memory_budget& memory,
                                           stream io, connection_slot slot, std::string header_lines)
    : context_(c),
      turns_(turns),
      memory_(memory),
      slot_(std::move(slot)),
      io_(std::move(io)),
      bytes_(std::move(header_lines)) {}

// Opening.

void websocket_connection::open(const request_head& head, std::shared_ptr<websocket_listener> listener,
                                std::size_t max_message) {
  listener_ = std::move(listener);
  reader_ = websocket_reader(max_message);
  if (!listener_) arm_close_timer();  // a listener sets its own deadlines
  bytes_ =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nServer: "
      "emostream\r\n" +
      bytes_ + "Sec-WebSocket-Accept: " + websocket_accept(head.header("sec-websocket-key").value_or("")) +
      "\r\n";
  negotiate_compression(head, max_message);
  bytes_ += "\r\n";
  asio::async_write(io_, asio::buffer(bytes_),
                    [self = shared_from_this()](error_code ec, std::size_t) { self->on_opened(ec); });
}

void websocket_connection::negotiate_compression(const request_head& head, std::size_t max_message) {
  const auto& ours = context_.compression;
  const auto agreed = ours ? negotiate_deflate(head, *ours) : std::nullopt;
  if (!agreed) return;
  deflate_.reset(new compression{{context_.deflate, *agreed, ours->threshold}, {}});
  reader_ = websocket_reader(max_message, &deflate_->codec);
  bytes_ += "Sec-WebSocket-Extensions: " + to_header(*agreed) + "\r\n";
}

void websocket_connection::on_opened(error_code ec) {
  if (state_ == state::closed) return;
  if (ec) return fail(ec);
  std::string().swap(bytes_);
  state_ = state::open;
  if (const auto listener = listener_)
    listener->on_websocket_open();
  else
    begin_close(close_frame_content(close_code::normal), state::closing);
  if (state_ != state::closed) read();
}

// Reading.

void websocket_connection::read() {
  io_.wait_readable([self = shared_from_this()](error_code ec) {
    if (self->state_ == state::closed) return;
    if (ec) return self->fail(ec);
    self->turns_.add(self->share_, [self] { return self->take_turn(); });
  });
}

/// Receives bytes, unless some are left, and handles the frames in them. True if there is more to do.
bool websocket_connection::take_turn() {
  if (state_ == state::closed || (!reader_.has_input() && !receive())) return false;
  constexpr int frames_between_checks = 8;
  constexpr std::size_t large = 2048;  // bytes of a message that may take long
  bool more = false;
  dispatching_ = true;
  for (int frames = 1; !more && (state_ == state::open || state_ == state::closing); ++frames) {
    const auto next = reader_.next();
    if (!next)
      on_violation(next.error());
    else if (*next)
      on_frame((*next)->type, (*next)->content);
    else
      break;
    const bool check = frames % frames_between_checks == 0 || (next && (*next)->content.size() > large);
    more = check && reader_.has_input() && turns_.over();
  }
  if (more) reader_.keep_input();
  dispatching_ = false;
  count_memory();
  resume();
  if (state_ == state::closed) return false;
  if (more && reader_.has_input()) return true;
  read();
  return false;
}

/// Records the memory of input that is not handled yet; closes the connection if the server has too little.
void websocket_connection::count_memory() {
  if (memory_.set(reader_.capacity()) || state_ == state::closed) return;
  on_violation(close_code::try_again_later);
  memory_.release();
}

/// Reads into the shared receive buffer; false if there is nothing to read yet or the connection has ended.
bool websocket_connection::receive() {
  error_code ec;
  auto& shared = context_.receive_buffer;
  const bool short_read = deflate_ || reader_.max_message() < shared.size();
  const auto buffer = std::span(shared).first(short_read ? max_short_read : shared.size());
  const auto size = io_.read_some(buffer, ec);
  if (ec == asio::error::would_block) {
    read();
    return false;
  }
  if (ec) {
    fail(ec);
    return false;
  }
  if (state_ != state::open && (discarded_ += size) > max_discarded) {
    abort();
    return false;
  }
  if (state_ != state::lingering) reader_.received(buffer.first(size));
  return true;
}

void websocket_connection::on_frame(opcode type, std::string_view content) {
  if (type == opcode::close) {
    dispatching_ = false;
    resume();  // sends the replies to earlier messages before the close frame
    if (state_ != state::open) return finish_close();
    begin_close(content.substr(0, 2), state::closed);
    notify_closed(websocket_end::closed);
  } else if (state_ == state::open && type == opcode::ping) {
    pong_ = control_frame(opcode::pong, content);
  } else if (state_ == state::open && type != opcode::pong) {
    const auto listener = listener_;  // keeps it alive during the call
    listener->on_websocket_message(content, type == opcode::binary);
  }
}

void websocket_connection::on_violation(close_code code) {
  if (state_ != state::open) return linger();
  begin_close(close_frame_content(code), state::lingering);
  notify_closed(websocket_end::failed);
}

/// Call after dispatching, and after a write that had to wait: sends waiting control frames, then calls
/// on_websocket_writable() if the connection is writable.
void websocket_connection::resume() {
  send_control();
  if (!writable()) return;
  const auto listener = listener_;
  listener->on_websocket_writable();
}

// Writing.

websocket_connection::payload websocket_connection::payload_of(const websocket_message& m) const {
  const auto* deflated =
      deflate_ ? deflate_->deflated[static_cast<std::size_t>(&m - outgoing_.data())].get() : nullptr;
  return deflated ? payload{{}, *deflated, true} : payload{m.prefix, m.text(), false};
}

bool websocket_connection::write(std::vector<websocket_message>& messages) {
  outgoing_.swap(messages);
  if (deflate_)
    for (const auto& m : outgoing_)
      deflate_->deflated.push_back(m.compress ? deflate_->codec.deflate(m.prefix, m.data) : nullptr);
  const auto is_copied = [](std::string_view text) { return text.size() <= max_copied_bytes; };
  std::size_t size = 0;
  for (const auto& m : outgoing_) {
    const auto [prefix, text, deflated] = payload_of(m);
    size += max_frame_header + prefix.size() + (is_copied(text) ? text.size() : 0);
  }
  bytes_.reserve(size);  // buffers_ points into it, so it must not grow below

  std::size_t referenced = 0;
  const auto reference_bytes = [&] {
    buffers_.emplace_back(bytes_.data() + referenced, bytes_.size() - referenced);
    referenced = bytes_.size();
  };
  for (const auto& m : outgoing_) {
    const auto [prefix, text, deflated] = payload_of(m);
    append_frame_header(bytes_, m.binary ? opcode::binary : opcode::text, prefix.size() + text.size(),
                        deflated);
    bytes_ += prefix;
    if (is_copied(text)) {
      bytes_ += text;
    } else {
      reference_bytes();
      buffers_.push_back(asio::buffer(text));
    }
  }
  if (referenced != bytes_.size()) reference_bytes();
  return flush();
}

void websocket_connection::send_control() {
  if (state_ == state::closed || writing_ || dispatching_ || (pong_.empty() && close_frame_.empty())) return;
  bytes_ = std::exchange(pong_, {}) + std::exchange(close_frame_, {});
  buffers_.push_back(asio::buffer(bytes_));
  flush();
}

/// Passes the pending buffers to the kernel; true if it has taken everything.
bool websocket_connection::flush() {
  error_code ec;
  while (!ec && written_ < buffers_.size())
    consume(io_.write_some(std::span(buffers_).subspan(written_), ec));
  if (ec) {
    writing_ = true;
    wait_writable(ec);
    return false;
  }
  buffers_.clear();
  written_ = 0;
  outgoing_.clear();
  if (deflate_) deflate_->deflated.clear();
  bytes_.clear();
  if (bytes_.capacity() > max_idle_capacity) std::string().swap(bytes_);
  if (close_frame_pending_ && close_frame_.empty()) on_close_frame_sent();
  return true;
}

void websocket_connection::consume(std::size_t size) {
  while (written_ < buffers_.size() && size >= buffers_[written_].size()) size -= buffers_[written_++].size();
  if (size != 0) buffers_[written_] += size;
}

/// After a write that ended with `ec`: writes the rest once the socket is writable, or fails.
void websocket_connection::wait_writable(const error_code& ec) {
  const auto on_writable = [self = shared_from_this()](error_code failure) {
    if (self->state_ == state::closed) return;
    if (failure) return self->fail(failure);
    self->writing_ = false;
    if (self->flush()) self->resume();
  };
  if (ec == asio::error::would_block)
    io_.wait_writable(on_writable);
  else  // posted, because write() may have been called by the listener
    asio::post(io_.get_executor(), [on_writable, ec] { on_writable(ec); });
}

// Closing.

void websocket_connection::close() {
  if (!std::exchange(listener_, nullptr)) return;
  if (state_ != state::open || writing_) return abort();
  begin_close(close_frame_content(close_code::normal), state::closing);
}

/// Sends a close frame as soon as possible; `next` is the state once it has been sent.
void websocket_connection::begin_close(std::string_view content, state next) {
  state_ = next == state::closing ? state::closing : state::lingering;
  close_frame_ = control_frame(opcode::close, content);
  close_frame_pending_ = true;
  after_close_frame_ = next;
  if (state_ == state::lingering) reader_ = websocket_reader(0);  // releases its memory
  arm_close_timer();
  send_control();
}

void websocket_connection::arm_close_timer() {
  close_timer_.emplace(io_.get_executor(), close_timeout)
      .async_wait([self = shared_from_this()](error_code ec) {
        if (!ec) self->abort();
      });
}

void websocket_connection::on_close_frame_sent() {
  close_frame_pending_ = false;
  if (after_close_frame_ == state::closed) return abort();
  if (after_close_frame_ == state::lingering) io_.shutdown_send();
}

/// Call when the client has violated the protocol while closing, so that its close frame will not be
/// recognized: waits until it closes the connection.
void websocket_connection::linger() {
  state_ = state::lingering;
  reader_ = websocket_reader(0);  // releases its memory
  if (close_frame_pending_)
    after_close_frame_ = state::lingering;
  else
    io_.shutdown_send();
}

/// Call when the client has answered our close frame: closes the connection once our frame has been sent.
void websocket_connection::finish_close() {
  if (!close_frame_pending_) return abort();
  state_ = state::lingering;
  after_close_frame_ = state::closed;
}

void websocket_connection::notify_closed(websocket_end end) {
  if (const auto listener = std::exchange(listener_, nullptr)) listener->on_websocket_closed(end);
}

void websocket_connection::fail(const error_code& ec) {
  abort();
  notify_closed(end_of(ec));
}

void websocket_connection::abort() {
  state_ = state::closed;
  if (close_timer_) close_timer_->cancel();
  io_.close();
}

}  // namespace emostream::net

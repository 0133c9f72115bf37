#include "engineio/session.hpp"

#include <algorithm>
#include <utility>

#include "engineio/error.hpp"

namespace emostream::engineio {

namespace {

constexpr std::string_view probe = "probe";

/// After the probe of an upgrade, new poll requests are answered with a noop after this delay, as in the
/// Node.js server, so that the client neither waits for the next message nor polls in a tight loop.
constexpr milliseconds poll_release_delay{100};

/// The fixed cost of a queued packet, so that max_buffered_bytes limits empty messages too.
constexpr std::size_t packet_overhead = sizeof(packet);

std::size_t cost(const packet& p) {
  return p.websocket_size() + packet_overhead;
}

}  // namespace

session::session(std::string id, engineio::transport first, const options& opts, time_point now,
                 engineio::codec codec)
    : id_(std::move(id)), options_(opts), codec_(codec), transport_(first) {
  reset_heartbeat(now);
  enqueue(packet::of(packet_type::open, handshake_json(id_, first, opts)));
}

void session::enqueue(packet p) {
  queued_bytes_ += cost(p);
  queue_.push(std::move(p));
}

/// Called when the session opens and when the client sends a heartbeat.
void session::reset_heartbeat(time_point now) {
  awaiting_client_ = client_pings();
  heartbeat_deadline_ =
      now + options_.ping_interval + (client_pings() ? options_.ping_timeout : milliseconds(0));
}

void session::send_packet(packet p, actions& out) {
  if (state_ != state::open) return;
  enqueue(std::move(p));
  flush_or_overflow(out);
}

void session::send(std::span<const message> batch, actions& out) {
  if (state_ != state::open) return;
  for (const auto& m : batch) enqueue(packet::of(m));
  flush_or_overflow(out);
}

/// Flushes the queue, or closes the session if the client reads too slowly.
void session::flush_or_overflow(actions& out) {
  if (buffered_bytes() <= options_.max_buffered_bytes) return flush(out);
  overflow(out);
}

void session::overflow(actions& out) {
  if (state_ == state::closed) return;
  overflowed_ = true;
  finish_close(close_reason::transport_error, out);
}

bool session::writable() const {
  const bool can_send = transport_ == transport::websocket || poll_pending_;
  return state_ == state::open && can_send && buffered_bytes() == 0;
}

void session::close(close_reason reason, time_point now, actions& out, time_point deadline) {
  if (state_ != state::open) return;
  state_ = state::closing;
  reason_ = reason;
  close_deadline_ = std::min(now + options_.close_timeout, deadline);
  flush(out);
}

/// Answers a pending poll request from the queue, and finishes closing once the queue is empty. For a
/// WebSocket, the owner calls take_packets() instead.
void session::flush(actions& out) {
  if (transport_ == transport::polling) {
    if (!poll_pending_) return;
    // The close packet gets a response of its own: JavaScript clients deliver a response's packets
    // asynchronously, and drop those not delivered before a close packet is read.
    if (!queue_.empty())
      answer_poll_from_queue(out);
    else if (state_ == state::closing)
      finish_close(reason_, out);
  } else if (state_ == state::closing && queue_.empty() && unwritten_bytes_ == 0) {
    finish_close(reason_, out);
  }
}

void session::answer_poll_from_queue(actions& out) {
  const auto batch = queue_.first(options_.max_polled_packets);
  for (const auto& p : batch) queued_bytes_ -= cost(p);
  answer_poll(batch, out);
  queue_.pop(batch.size());
}

/// Responds to the pending poll request, if there is one.
void session::answer_poll(std::span<const packet> packets, actions& out) {
  poll_release_at_ = time_point::max();
  if (std::exchange(poll_pending_, false))
    out.emplace_back(std::in_place_type<action::answer_poll>, codec_.encode_payload(packets),
                     std::ranges::any_of(packets, &packet::compress));
}

void session::answer_poll(packet_type type, actions& out) {
  const auto p = packet::of(type, {});
  answer_poll({&p, 1}, out);
}

void session::finish_close(close_reason reason, actions& out, packet_type poll_response) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  queue_.clear();
  queued_bytes_ = unwritten_bytes_ = 0;
  answer_poll(poll_response, out);
  if (transport_ == transport::websocket || upgrade_ != upgrade::none)
    out.emplace_back(std::in_place_type<action::close_websocket>);
  upgrade_ = upgrade::none;
  out.emplace_back(std::in_place_type<action::closed>, reason);
}

// Polling.

result<void> session::poll(time_point now, actions& out) {
  tick(now, out);  // a timer that is due may not have fired yet
  if (state_ == state::closed || transport_ != transport::polling) return failure(error::bad_request);
  if (poll_pending_) {
    finish_close(close_reason::transport_error, out);
    return failure(error::overlapping_request);
  }
  poll_pending_ = true;
  if (upgrade_ == upgrade::probed) poll_release_at_ = now + poll_release_delay;
  flush(out);
  return {};
}

void session::abort_poll(actions& out) {
  if (std::exchange(poll_pending_, false)) finish_close(close_reason::transport_error, out);
}

result<void> session::begin_post(bool octet_stream, actions& out) {
  if (state_ == state::closed || transport_ != transport::polling) return failure(error::bad_request);
  const bool wrong_version = octet_stream && codec_.version() == protocol::v4;
  if (wrong_version || post_pending_) {
    finish_close(close_reason::transport_error, out);
    return failure(wrong_version ? error::octet_stream : error::overlapping_request);
  }
  post_pending_ = true;
  octet_stream_ = octet_stream;
  return {};
}

result<void> session::finish_post(std::string_view body, time_point now, actions& out) {
  if (state_ == state::closed) return failure(error::bad_request);
  if (body.size() > options_.max_http_buffer_size) return failure(error::payload_too_large);
  auto packets = codec_.decode_payload(body, octet_stream_, max_packets_);
  if (!packets) {
    finish_close(close_reason::parse_error, out);
    return std::unexpected(packets.error());
  }
  for (auto& p : *packets) on_packet(std::move(p), now, out);
  return {};
}

// WebSocket.

result<void> session::attach_websocket(time_point now, engineio::codec codec) {
  if (state_ != state::open || transport_ != transport::polling || upgrade_ != upgrade::none ||
      !options_.allow_upgrades || codec.version() != codec_.version())
    return failure(error::bad_request);
  upgrade_ = upgrade::attached;
  upgrade_codec_ = codec;
  upgrade_deadline_ = now + options_.upgrade_timeout;
  return {};
}

void session::receive(std::string_view received, bool binary, time_point now, actions& out) {
  if (state_ == state::closed) return;
  if (const auto content = codec_.message_content(received, binary); content && upgrade_ == upgrade::none) {
    if (state_ == state::open)
      out.emplace_back(std::in_place_type<action::deliver>, incoming_message(*content, binary));
    return;
  }
  auto p = codec_.decode_websocket(received, binary);
  if (upgrade_ != upgrade::none)
    on_upgrade_packet(p ? *p : packet{}, now, out);
  else if (p)
    on_packet(std::move(*p), now, out);
  else
    finish_close(close_reason::parse_error, out);
}

void session::on_upgrade_packet(const packet& p, time_point now, actions& out) {
  if (upgrade_ == upgrade::attached && p.type == packet_type::ping && p.text() == probe) {
    upgrade_ = upgrade::probed;
    probe_pong_due_ = true;
    if (poll_pending_) poll_release_at_ = now;  // the client upgrades only after its poll request has ended
    tick(now, out);
  } else if (upgrade_ == upgrade::probed && p.type == packet_type::upgrade) {
    upgrade_ = upgrade::none;
    transport_ = transport::websocket;
    answer_poll(packet_type::noop, out);
    codec_ = upgrade_codec_;
    flush(out);
  } else {
    abort_upgrade(out);
  }
}

void session::abort_upgrade(actions& out) {
  upgrade_ = upgrade::none;
  probe_pong_due_ = false;
  poll_release_at_ = time_point::max();
  out.emplace_back(std::in_place_type<action::close_websocket>);
}

void session::websocket_closed(close_reason reason, actions& out) {
  if (state_ == state::closed) return;
  if (upgrade_ != upgrade::none) {
    abort_upgrade(out);
    out.pop_back();  // the WebSocket is closed already
    return;
  }
  if (transport_ != transport::websocket) return;
  transport_ = transport::polling;  // so that finish_close() emits no close_websocket
  finish_close(state_ == state::closing ? reason_ : reason, out);
}

bool session::has_packets() const {
  return probe_pong_due_ || (transport_ == transport::websocket && !queue_.empty());
}

void session::take_packets(std::vector<packet>& packets) {
  if (std::exchange(probe_pong_due_, false)) packets.push_back(packet::of(packet_type::pong, probe));
  if (transport_ != transport::websocket) return;
  for (auto& p : queue_.first(queue_.size())) packets.push_back(codec_.to_websocket(std::move(p)));
  queue_.clear();
  unwritten_bytes_ += std::exchange(queued_bytes_, 0);
}

void session::packets_written(actions& out) {
  unwritten_bytes_ = 0;
  if (state_ != state::closed) flush(out);
}

// Both transports.

void session::on_packet(packet p, time_point now, actions& out) {
  if (state_ == state::closed) return;
  switch (p.type) {
    case packet_type::message:
      if (state_ == state::open)
        out.emplace_back(std::in_place_type<action::deliver>, message{std::move(p.data), p.binary});
      return;
    case packet_type::pong:
      if (client_pings()) return finish_close(close_reason::transport_error, out);
      if (std::exchange(awaiting_client_, false)) reset_heartbeat(now);
      return;
    case packet_type::close:
      // As in the Node.js server, a pending poll request gets a noop instead of a close packet, since the
      // client closed the session itself.
      finish_close(close_reason::forced_close, out, packet_type::noop);
      return;
    case packet_type::noop:
      return;
    case packet_type::ping:
      if (!client_pings()) return finish_close(close_reason::transport_error, out);
      reset_heartbeat(now);
      return send_packet(packet::of(packet_type::pong, {}), out);
    case packet_type::open:
    case packet_type::upgrade:
    case packet_type::base64:
      finish_close(close_reason::parse_error, out);
      return;
  }
}

std::optional<time_point> session::deadline() const {
  if (state_ == state::closed) return std::nullopt;
  auto first = state_ == state::closing ? close_deadline_ : heartbeat_deadline_;
  if (upgrade_ != upgrade::none) first = std::min(first, upgrade_deadline_);
  return std::min(first, poll_release_at_);
}

void session::tick(time_point now, actions& out) {
  if (state_ == state::closed) return;
  if (upgrade_ != upgrade::none && now >= upgrade_deadline_) abort_upgrade(out);
  if (now >= poll_release_at_) answer_poll(packet_type::noop, out);
  if (state_ == state::closing) {
    if (now >= close_deadline_) finish_close(reason_, out);
  } else if (now >= heartbeat_deadline_) {
    if (awaiting_client_) {
      finish_close(close_reason::ping_timeout, out);
      return;
    }
    awaiting_client_ = true;
    // Count from when the ping was due, so that small timer delays do not add up; but give a client whose
    // ping was sent late most of its timeout.
    heartbeat_deadline_ =
        std::max(heartbeat_deadline_ + options_.ping_timeout, now + options_.ping_timeout * 9 / 10);
    send_packet(packet::of(packet_type::ping, {}), out);
  }
}

}  // namespace emostream::engineio

#include "engineio/session.hpp"

#include <algorithm>
#include <utility>

#include "engineio/error.hpp"

namespace emostream::engineio {

namespace {

constexpr std::string_view probe = "probe";

/// While a client upgrades, a poll is released with a noop after this long, as by the Node server: it must
/// not wait until the next message, nor come again and again.
constexpr milliseconds poll_release{100};

/// What a queued packet costs beside its bytes; keeps a flood of empty messages within max_buffered_bytes
/// too.
constexpr std::size_t packet_overhead = sizeof(packet);

std::size_t cost(const packet& p) {
  return p.frame_size() + packet_overhead;
}

}  // namespace

session::session(std::string id, engineio::transport first, const options& opts, time_point now,
                 engineio::codec codec)
    : id_(std::move(id)), options_(opts), codec_(codec), transport_(first) {
  beat(now);
  enqueue(packet::of(packet_type::open, handshake_json(id_, first, opts)));
}

void session::enqueue(packet p) {
  queued_bytes_ += cost(p);
  queue_.push(std::move(p));
}

/// The client was heard, or is new.
void session::beat(time_point now) {
  awaiting_client_ = client_pings();
  heartbeat_ = now + options_.ping_interval + (client_pings() ? options_.ping_timeout : milliseconds(0));
}

void session::send_now(packet p, actions& out) {
  if (state_ != state::open) return;
  enqueue(std::move(p));
  hand_on(out);
}

void session::send(std::span<const message> batch, actions& out) {
  if (state_ != state::open) return;
  for (const auto& m : batch) enqueue(packet::of(m));
  hand_on(out);
}

/// Gives the transport what it takes; ends the session of a client that takes too little.
void session::hand_on(actions& out) {
  if (buffered_bytes() <= options_.max_buffered_bytes) return flush(out);
  overflowed_ = true;
  finish(close_reason::transport_error, out);
}

void session::close(close_reason reason, time_point now, actions& out, time_point by) {
  if (state_ != state::open) return;
  state_ = state::closing;
  reason_ = reason;
  close_by_ = std::min(now + options_.close_timeout, by);
  flush(out);
}

/// Hands on what the transport can take now, and ends a close under way once nothing is left. A WebSocket's
/// driver fetches frames by itself.
void session::flush(actions& out) {
  if (transport_ == transport::polling) {
    if (!polling_) return;
    // The close gets an answer of its own: JavaScript clients hand on the packets of an answer a moment after
    // they have read it, and none after a close.
    if (!queue_.empty())
      answer_queued(out);
    else if (state_ == state::closing)
      finish(reason_, out);
  } else if (state_ == state::closing && queue_.empty() && taken_bytes_ == 0) {
    finish(reason_, out);
  }
}

void session::answer_queued(actions& out) {
  const auto batch = queue_.first(options_.max_polled_packets);
  for (const auto& p : batch) queued_bytes_ -= cost(p);
  answer_poll(batch, out);
  queue_.pop(batch.size());
}

/// Answers the GET that waits, if there is one.
void session::answer_poll(std::span<const packet> packets, actions& out) {
  release_poll_at_ = time_point::max();
  if (std::exchange(polling_, false))
    out.emplace_back(std::in_place_type<action::answer_poll>, codec_.encode_payload(packets),
                     std::ranges::any_of(packets, &packet::compress));
}

void session::answer_poll(packet_type type, actions& out) {
  const auto p = packet::of(type, {});
  answer_poll({&p, 1}, out);
}

void session::finish(close_reason reason, actions& out, packet_type last_words) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  queue_.clear();
  queued_bytes_ = taken_bytes_ = 0;
  answer_poll(last_words, out);
  if (transport_ == transport::websocket || upgrade_ != upgrade::none)
    out.emplace_back(std::in_place_type<action::close_websocket>);
  upgrade_ = upgrade::none;
  out.emplace_back(std::in_place_type<action::closed>, reason);
}

// Polling.

result<void> session::poll(time_point now, actions& out) {
  tick(now, out);  // the timer may have come later than the request
  if (state_ == state::closed || transport_ != transport::polling) return failure(error::bad_request);
  if (polling_) {
    finish(close_reason::transport_error, out);
    return failure(error::overlapping_request);
  }
  polling_ = true;
  if (upgrade_ == upgrade::probed) release_poll_at_ = now + poll_release;
  flush(out);
  return {};
}

void session::abort_poll(actions& out) {
  if (std::exchange(polling_, false)) finish(close_reason::transport_error, out);
}

result<void> session::begin_post(bool octet_stream, actions& out) {
  if (state_ == state::closed || transport_ != transport::polling) return failure(error::bad_request);
  const bool foreign = octet_stream && codec_.version() == protocol::v4;
  if (foreign || posting_) {
    finish(close_reason::transport_error, out);
    return failure(foreign ? error::octet_stream : error::overlapping_request);
  }
  posting_ = true;
  octet_stream_ = octet_stream;
  return {};
}

result<void> session::finish_post(std::string_view body, time_point now, actions& out) {
  posting_ = false;
  if (state_ == state::closed) return failure(error::bad_request);
  if (body.size() > options_.max_http_buffer_size) return failure(error::payload_too_large);
  auto packets = codec_.decode_payload(body, octet_stream_, options_.max_received_packets);
  if (!packets) {
    finish(close_reason::parse_error, out);
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
  upgrade_by_ = now + options_.upgrade_timeout;
  return {};
}

void session::receive(std::string_view frame, bool binary, time_point now, actions& out) {
  if (state_ == state::closed) return;
  if (const auto content = codec_.message_in(frame, binary); content && upgrade_ == upgrade::none) {
    if (state_ == state::open)
      out.emplace_back(std::in_place_type<action::deliver>, incoming_message(*content, binary));
    return;
  }
  auto p = codec_.decode_frame(frame, binary);
  if (upgrade_ != upgrade::none)
    on_probe(p ? *p : packet{}, now, out);
  else if (p)
    on_packet(std::move(*p), now, out);
  else
    finish(close_reason::parse_error, out);
}

void session::on_probe(const packet& p, time_point now, actions& out) {
  if (upgrade_ == upgrade::attached && p.type == packet_type::ping && p.text() == probe) {
    upgrade_ = upgrade::probed;
    probe_answer_due_ = true;
    if (polling_) release_poll_at_ = now;  // the client waits for it before it upgrades
    tick(now, out);
  } else if (upgrade_ == upgrade::probed && p.type == packet_type::upgrade) {
    upgrade_ = upgrade::none;
    transport_ = transport::websocket;
    answer_poll(packet_type::noop, out);
    codec_ = upgrade_codec_;
    flush(out);
  } else {
    drop_probe(out);
  }
}

void session::drop_probe(actions& out) {
  upgrade_ = upgrade::none;
  probe_answer_due_ = false;
  release_poll_at_ = time_point::max();
  out.emplace_back(std::in_place_type<action::close_websocket>);
}

void session::websocket_closed(close_reason reason, actions& out) {
  if (state_ == state::closed) return;
  if (upgrade_ != upgrade::none) {
    drop_probe(out);
    out.pop_back();  // it is closed
    return;
  }
  if (transport_ != transport::websocket) return;
  transport_ = transport::polling;  // so that finish() asks for no close
  finish(state_ == state::closing ? reason_ : reason, out);
}

bool session::has_frames() const {
  return probe_answer_due_ || (transport_ == transport::websocket && !queue_.empty());
}

void session::take_frames(std::vector<packet>& frames) {
  if (std::exchange(probe_answer_due_, false)) frames.push_back(packet::of(packet_type::pong, probe));
  if (transport_ != transport::websocket) return;
  for (auto& p : queue_.first(queue_.size())) frames.push_back(codec_.to_frame(std::move(p)));
  queue_.clear();
  taken_bytes_ += std::exchange(queued_bytes_, 0);
}

void session::frames_written(actions& out) {
  taken_bytes_ = 0;
  if (state_ != state::closed) flush(out);
}

// Both.

void session::on_packet(packet p, time_point now, actions& out) {
  if (state_ == state::closed) return;
  switch (p.type) {
    case packet_type::message:
      if (state_ == state::open)
        out.emplace_back(std::in_place_type<action::deliver>, message{std::move(p.data), p.binary});
      return;
    case packet_type::pong:
      if (client_pings()) return finish(close_reason::transport_error, out);
      if (std::exchange(awaiting_client_, false)) beat(now);
      return;
    case packet_type::close:
      // The Node server lets a waiting poll go with a noop: the client knows already.
      finish(close_reason::forced_close, out, packet_type::noop);
      return;
    case packet_type::noop:
      return;
    case packet_type::ping:
      if (!client_pings()) return finish(close_reason::transport_error, out);
      beat(now);
      return send_now(packet::of(packet_type::pong, {}), out);
    case packet_type::open:
    case packet_type::upgrade:
    case packet_type::base64:
      finish(close_reason::parse_error, out);
      return;
  }
}

std::optional<time_point> session::deadline() const {
  if (state_ == state::closed) return std::nullopt;
  auto first = state_ == state::closing ? close_by_ : heartbeat_;
  if (upgrade_ != upgrade::none) first = std::min(first, upgrade_by_);
  return std::min(first, release_poll_at_);
}

void session::tick(time_point now, actions& out) {
  if (state_ == state::closed) return;
  if (upgrade_ != upgrade::none && now >= upgrade_by_) drop_probe(out);
  if (now >= release_poll_at_) answer_poll(packet_type::noop, out);
  if (state_ == state::closing) {
    if (now >= close_by_) finish(reason_, out);
  } else if (now >= heartbeat_) {
    if (awaiting_client_) {
      finish(close_reason::ping_timeout, out);
      return;
    }
    awaiting_client_ = true;
    // From when the ping was due, so that timers' small delays do not add up; but a client that was pinged
    // late has its time too.
    heartbeat_ = std::max(heartbeat_ + options_.ping_timeout, now + options_.ping_timeout * 9 / 10);
    send_now(packet::of(packet_type::ping, {}), out);
  }
}

}  // namespace emostream::engineio

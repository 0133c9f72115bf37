// What a socket sends: events, acknowledgements and broadcasts.

#include <string>
#include <utility>

#include "base/guarded.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/client.hpp"
#include "socketio/error.hpp"
#include "socketio/hub.hpp"
#include "socketio/namespace.hpp"
#include "socketio/packet.hpp"
#include "socketio/recovery.hpp"
#include "socketio/socket.hpp"
#include "socketio/unicast.hpp"

namespace emostream::socketio {

void socket::emit(std::string_view name, const arguments& args) {
  emit(internal{}, name, args, {});
}

void socket::emit_volatile(std::string_view name, const arguments& args) {
  emit(internal{}, name, args, {.is_volatile = true});
}

void socket::emit(std::string_view name, const arguments& args, milliseconds timeout, ack_handler handler) {
  request_ack(internal{}, name, args, {}, timeout, std::move(handler));
}

void socket::emit(internal, std::string_view name, const arguments& args, send_flags flags) {
  require_emittable(name);
  if (flags.is_volatile && !writable()) return;
  if (recovery_ && !flags.is_volatile)
    emit_recoverable(name, args, flags.compress);
  else if (connected())
    deliver(encode({namespace_name_, name, args}, flags.compress), name, args);
}

void socket::emit_recoverable(std::string_view name, const arguments& args, bool compress) {
  auto& log = *namespace_->log(internal{});
  if (!connected() && !log.has_session(recovery_->pid)) return;
  const std::string offset = log.next_offset();
  const auto packet = encode({namespace_name_, name, args, std::nullopt, offset}, compress);
  selection self;
  self.rooms.push_back(id_);
  encoded_event encoded;
  encoded.emplace_back(namespace_name_, packet);
  log.append(self, std::move(encoded));
  deliver(packet, name, args);
}

encoded_packet socket::encode(const outgoing_event& e, bool compress) const {
  auto packet = namespace_->owner().parser().encode_event(e);
  for (auto& m : packet) m.compress = compress;
  return packet;
}

void socket::deliver(std::span<const message> packet, std::string_view name, const arguments& args) {
  if (!connected()) return;
  listeners_.notify_outgoing(name, args);
  client_->send(packet);
}

// Acknowledgements.

void socket::request_ack(internal, std::string_view name, const arguments& args, send_flags flags,
                         milliseconds timeout, ack_handler handler) {
  require_emittable(name);
  const std::uint64_t id = namespace_->next_ack_id(internal{});
  const auto packet = encode({namespace_name_, name, args, id}, flags.compress);
  if (!expect_ack(id, timeout, std::move(handler))) return;
  if (!flags.is_volatile || writable()) deliver(packet, name, args);
}

bool socket::expect_ack(std::uint64_t id, milliseconds timeout, ack_handler handler) {
  const auto fail = [&handler](error why) {
    guarded("an acknowledgement handler", [&] { handler(failure(why)); });
    return false;
  };
  if (!connected()) return fail(error::disconnected);
  const options& limits = client_->owner().settings();
  if (pending_acks_.size() >= limits.max_pending_acks) return fail(error::too_many_pending_acks);
  auto deadline = client_->owner().timers().add(limits.now() + timeout,
                                                [this, id] { finish_ack(id, failure(error::ack_timeout)); });
  pending_acks_.emplace(id, pending_ack{std::move(handler), std::move(deadline)});
  return true;
}

void socket::on_ack(internal, packet p) {
  finish_ack(*p.id, arguments::of(std::move(p.data.get_array()), std::move(p.attachments)));
}

void socket::finish_ack(std::uint64_t id, result<arguments> answer) {
  // An unknown id was answered before, has timed out, or was never requested.
  const auto pending = pending_acks_.extract(id);
  if (pending.empty()) return;
  const auto self = shared_from_this();
  guarded("an acknowledgement handler", [&] { pending.mapped().handler(std::move(answer)); });
}

void socket::send_ack(std::uint64_t id, const arguments& answer) {
  if (connected()) client_->send(client_->owner().parser().encode_ack(namespace_name_, id, answer));
}

// Modifiers and broadcasts.

unicast socket::volatile_() {
  return unicast(shared_from_this()).volatile_();
}

unicast socket::compress(bool allowed) {
  return unicast(shared_from_this()).compress(allowed);
}

unicast socket::timeout(milliseconds limit) {
  return unicast(shared_from_this()).timeout(limit);
}

broadcast socket::to(room_names rooms) {
  return others().to(std::move(rooms));
}

broadcast socket::in(room_names rooms) {
  return to(std::move(rooms));
}

broadcast socket::except(room_names rooms) {
  return others().except(std::move(rooms));
}

broadcast socket::local() {
  return others().local();
}

broadcast socket::others() {
  return namespace_->except(id_);
}

// The connection.

std::string_view socket::transport() const {
  return client_ ? client_->transport_name() : std::string_view();
}

std::size_t socket::buffered_bytes() const {
  return client_ ? client_->buffered_bytes() : 0;
}

bool socket::writable() const {
  return client_ && client_->writable();
}

}  // namespace emostream::socketio

#include "socketio/client.hpp"

#include <utility>

#include "base/log.hpp"
#include "socketio/error.hpp"
#include "socketio/hub.hpp"
#include "socketio/namespace.hpp"
#include "socketio/recovery.hpp"

namespace emostream::socketio {

client::client(hub& owner, std::unique_ptr<transport> output, shared_request request, std::string v2_id)
    : hub_(owner),
      transport_(std::move(output)),
      request_(std::move(request)),
      v2_id_(std::move(v2_id)),
      encoding_(v2_id_.empty() ? owner.parser() : *v2_parser()),
      decoder_(encoding_.make_decoder(owner.settings())) {
  expect_namespace();
}

client::~client() {
  // Gone without on_close(): it is too late to tell the application, which may be gone too.
  for (const auto& [name, s] : sockets_) {
    if (s->connected()) s->nsp().remove(s);
    s->detach();
  }
}

void client::begin() {
  if (!v2_id_.empty() && hub_.find("/")) connect({});
}

void client::on_message(const incoming_message& m) {
  if (closed_) return;
  const auto self = shared_from_this();
  auto decoded = decoder_->feed(m);
  if (!decoded) return fail(decoded.error());
  if (*decoded) {
    attachment_deadline_.cancel();
    on_packet(std::move(**decoded));
  } else if (!attachment_deadline_) {
    const auto& limits = hub_.settings();
    attachment_deadline_ = hub_.timers().add(limits.now() + limits.attachment_timeout,
                                             [this] { fail(error::attachments_too_late); });
  }
}

void client::on_close(disconnect_reason reason) {
  const auto self = shared_from_this();
  closed_ = true;
  leave_all(reason);
  transport_.reset();
}

void client::on_packet(packet p) {
  const auto found = sockets_.find(p.nsp);
  if (found == sockets_.end()) {
    if (p.type == packet_type::connect) return connect(std::move(p));
    // Sent before it learned that the server had disconnected it.
    if (dismissed_.contains(p.nsp)) return;
    return fail(error::unexpected_packet);
  }
  const auto target = found->second;
  if (!target->connected()) return fail(error::unexpected_packet);
  switch (p.type) {
    case packet_type::event:
    case packet_type::binary_event:
      return target->on_event(std::move(p));
    case packet_type::ack:
    case packet_type::binary_ack:
      return target->on_ack(std::move(p));
    case packet_type::disconnect:
      return target->leave_namespace("client namespace disconnect");
    case packet_type::connect:
    case packet_type::connect_error:
      return fail(error::unexpected_packet);
  }
}

void client::connect(packet p) {
  dismissed_.erase(p.nsp);
  if (sockets_.size() >= hub_.settings().max_namespaces) return refuse(p.nsp, {"Too many namespaces"});
  handshake brought{request_, {}, hub_.settings().wall_now()};
  if (auto* auth = p.data.if_object()) brought.auth = std::move(*auth);
  const auto nsp = hub_.admit(p.nsp, brought.auth);
  if (!nsp) return refuse(p.nsp, {"Invalid namespace"});

  const bool recoverable = nsp->recovery_ && v2_id_.empty();
  auto session = recoverable ? nsp->recovery_->claim(p.nsp, brought.auth) : nullptr;
  const bool judged_before = session && hub_.settings().recovery.skip_middlewares;
  const auto candidate =
      std::make_shared<socket>(*this, nsp, p.nsp, session ? session->id : make_id(p.nsp), std::move(brought));
  if (recoverable) candidate->begin_recovery(std::move(session));
  sockets_.emplace(std::move(p.nsp), candidate);
  if (judged_before) return finish_connect(candidate, nullptr);
  nsp->admit(candidate, 0, [](const std::shared_ptr<socket>& judged, const connect_error* why) {
    if (judged->client_) judged->client_->finish_connect(judged, why);
  });
}

void client::finish_connect(const std::shared_ptr<socket>& candidate, const connect_error* why) {
  const auto self = shared_from_this();
  if (why) {
    sockets_.erase(candidate->namespace_name());
    candidate->detach();
    return refuse(candidate->namespace_name(), *why);
  }
  std::string_view pid;
  std::vector<encoded_packet> missed;
  if (const auto& recovery = candidate->recovery_) {
    auto& log = *candidate->nsp().recovery_;
    const auto session = std::exchange(recovery->claimed, nullptr);
    auto found = session ? log.resume(*session) : std::vector<encoded_packet>();
    if (!found) {  // so long did the middlewares take: its next attempt will be a new session
      sockets_.erase(candidate->namespace_name());
      candidate->detach();
      return close("forced server close");
    }
    missed = std::move(*found);
    recovery->since = session ? session->since : log.position();
    pid = recovery->pid;
  }
  connect_deadline_.cancel();
  candidate->state_ = socket::state::connected;
  candidate->nsp().add(candidate);
  send(encoding_.encode_connect(candidate->namespace_name(), candidate->id(), pid));
  for (const auto& packet : missed) send(packet);
  candidate->nsp().announce(candidate);
}

void client::refuse(std::string_view nsp, const connect_error& why) {
  send(encoding_.encode_connect_error(nsp, why.message, why.data ? &*why.data : nullptr));
}

void client::send(std::span<const message> packet) {
  if (!closed_) transport_->send(packet);
}

void client::forget(const socket& gone) {
  sockets_.erase(gone.namespace_name());
  if (sockets_.empty() && !closed_) expect_namespace();
}

void client::disconnect_all() {
  const auto self = shared_from_this();
  for (const auto& [name, s] : std::map(sockets_)) s->disconnect();
  close("forced server close");
}

void client::close(disconnect_reason reason) {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  leave_all(reason);
  if (transport_) transport_->close();
}

void client::fail(std::error_code why) {
  spdlog::debug("closing a Socket.IO connection from {}: {}", request_->remote_address, why.message());
  close("parse error");
}

void client::leave_all(disconnect_reason reason) {
  connect_deadline_.cancel();
  attachment_deadline_.cancel();
  for (const auto& [name, s] : std::exchange(sockets_, {})) s->leave_namespace(reason);
}

void client::expect_namespace() {
  const auto& limits = hub_.settings();
  connect_deadline_ =
      hub_.timers().add(limits.now() + limits.connect_timeout, [this] { close("forced server close"); });
}

/// Clients of Socket.IO 2 are not told their sockets' ids, but know them by this rule.
std::string client::make_id(std::string_view nsp) const {
  if (v2_id_.empty()) return make_socket_id();
  return nsp == "/" ? v2_id_ : std::string(nsp) + '#' + v2_id_;
}

}  // namespace emostream::socketio

#include "socketio/client.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/log.hpp"
#include "socketio/error.hpp"
#include "socketio/hub.hpp"
#include "socketio/internal.hpp"
#include "socketio/namespace.hpp"
#include "socketio/recovery.hpp"

namespace emostream::socketio {

namespace {

/// The error for an unknown namespace. As from the Node.js server, Socket.IO 2 clients get an object,
/// although the errors of middlewares are plain values for them.
connect_error invalid_namespace(bool v2) {
  connect_error why{"Invalid namespace"};
  if (v2) why.data = boost::json::object{{"message", why.message}};
  return why;
}

}  // namespace

client::client(hub& owner, std::unique_ptr<transport> output, shared_request request, std::string v2_id)
    : hub_(owner),
      transport_(std::move(output)),
      request_(std::move(request)),
      v2_id_(std::move(v2_id)),
      parser_(v2_id_.empty() ? owner.parser() : *v2_parser()),
      decoder_(parser_.make_decoder(owner.settings())) {
  start_connect_timer();
}

client::~client() {
  // Destroyed without on_close(): do not call handlers, since the application may be gone too.
  for (const auto& [name, s] : sockets_) s->abandon(internal{});
}

void client::start() {
  if (!v2_id_.empty() && hub_.find("/")) connect({});
}

void client::on_message(const incoming_message& m) {
  if (closed_) return;
  const auto self = shared_from_this();
  const auto& limits = hub_.settings();
  // The sum is limited too, since connections that are not decided yet keep what their messages contain.
  if (!accepted_ && (m.content.size() > limits.max_connect_bytes ||
                     (bytes_before_acceptance_ += m.content.size()) > 4 * limits.max_connect_bytes))
    return close_with_error(error::too_large_to_connect);
  auto decoded = decoder_->feed(m);
  if (!decoded) return close_with_error(decoded.error());
  if (*decoded) {
    attachment_timer_.cancel();
    on_packet(std::move(**decoded));
  } else if (!attachment_timer_) {
    // Attachments are kept only for packets that may be delivered.
    const auto* const incomplete = decoder_->incomplete();
    if (incomplete && !may_receive(incomplete->nsp)) return close_with_error(error::unexpected_packet);
    attachment_timer_ = hub_.timers().add(limits.now() + limits.attachment_timeout,
                                          [this] { close_with_error(error::attachments_too_late); });
  }
}

/// Whether packets other than CONNECT may be for this namespace.
bool client::may_receive(std::string_view nsp) const {
  const auto found = sockets_.find(nsp);
  return found == sockets_.end() ? disconnected_by_server_.contains(nsp) : found->second->connected();
}

void client::on_close(disconnect_reason reason) {
  const auto self = shared_from_this();
  closed_ = true;
  disconnect_sockets(reason);
}

void client::on_packet(packet p) {
  const auto found = sockets_.find(p.nsp);
  if (namespace_requests_.contains(p.nsp) || (found != sockets_.end() && !found->second->connected())) {
    // A client that disconnects and connects again before the answer sends CONNECT twice. One answer is
    // enough.
    if (p.type == packet_type::connect) return;
    return close_with_error(error::unexpected_packet);
  }
  if (found == sockets_.end()) {
    if (p.type == packet_type::connect) return connect(std::move(p));
    if (disconnected_by_server_.contains(p.nsp)) return;
    return close_with_error(error::unexpected_packet);
  }
  const auto target = found->second;
  switch (p.type) {
    case packet_type::event:
    case packet_type::binary_event:
      return target->on_event(internal{}, std::move(p));
    case packet_type::ack:
    case packet_type::binary_ack:
      return target->on_ack(internal{}, std::move(p));
    case packet_type::disconnect:
      return target->on_disconnected(internal{}, "client namespace disconnect");
    case packet_type::connect:
    case packet_type::connect_error:
      return close_with_error(error::unexpected_packet);
  }
}

void client::connect(packet p) {
  disconnected_by_server_.erase(p.nsp);
  if (sockets_.size() + namespace_requests_.size() >= hub_.settings().max_namespaces)
    return send_connect_error(p.nsp, {"Too many namespaces"});
  handshake received{request_, {}, hub_.settings().wall_now()};
  if (auto* auth = p.data.if_object()) received.auth = std::move(*auth);
  if (auto* nsp = hub_.find(p.nsp)) return connect_to(nsp->shared_from_this(), p.nsp, std::move(received));

  const auto request = std::make_shared<namespace_request>();
  request->name = p.nsp;
  request->handshake = std::move(received);
  request->done = [weak = weak_from_this(), &r = *request](const std::shared_ptr<server_namespace>& nsp) {
    if (const auto self = weak.lock()) self->finish_request(r, nsp);
  };
  namespace_requests_.emplace(std::move(p.nsp), request);
  hub_.create_child(request);
}

void client::finish_request(namespace_request& request, const std::shared_ptr<server_namespace>& created) {
  if (namespace_requests_.erase(request.name) == 0) {  // closed meanwhile
    if (created) created->remove_if_empty(internal{});
    return;
  }
  if (created) return connect_to(created, request.name, std::move(request.handshake));
  send_connect_error(request.name, invalid_namespace(!v2_id_.empty()));
}

void client::connect_to(const std::shared_ptr<server_namespace>& nsp, const std::string& name,
                        handshake received) {
  auto* const log = v2_id_.empty() ? nsp->log(internal{}) : nullptr;
  auto session = log ? log->claim(name, received.auth) : nullptr;
  const bool skip_middlewares = session && hub_.settings().recovery.skip_middlewares;
  const auto candidate =
      std::make_shared<socket>(*this, nsp, name, session ? session->id : make_id(name), std::move(received));
  if (log) candidate->enable_recovery(internal{}, std::move(session));
  sockets_.emplace(name, candidate);
  if (skip_middlewares) return finish_connect(candidate, nullptr);
  nsp->run_middlewares(internal{}, candidate,
                       [](const std::shared_ptr<socket>& checked, const connect_error* why) {
                         if (auto* owner = checked->owner(internal{})) owner->finish_connect(checked, why);
                       });
}

void client::finish_connect(const std::shared_ptr<socket>& candidate, const connect_error* why) {
  const auto self = shared_from_this();
  const auto drop_candidate = [&] {
    sockets_.erase(candidate->namespace_name());
    candidate->abandon(internal{});
    if (sockets_.empty() && !connect_timer_) start_connect_timer();
  };
  if (why) {
    drop_candidate();
    return send_connect_error(candidate->namespace_name(), *why);
  }
  const auto missed = candidate->finish_recovery(internal{});
  if (!missed) {  // some were dropped meanwhile; the client will reconnect and get a new socket
    drop_candidate();
    return close("forced server close");
  }
  connect_timer_.cancel();
  if (!std::exchange(accepted_, true)) transport_->accept_large_messages();
  // Sent before the handlers of room_hooks are called, whose events the client must receive after these
  // packets.
  send(parser_.encode_connect(candidate->namespace_name(), candidate->id(), candidate->pid(internal{})));
  for (const auto& packet : *missed) send(packet);
  candidate->set_connected(internal{});
  // A handler of room_hooks may have disconnected it.
  if (candidate->connected()) candidate->nsp().notify_connected(internal{}, candidate);
}

void client::send_connect_error(std::string_view nsp, const connect_error& why) {
  send(parser_.encode_connect_error(nsp, why.message, why.data ? &*why.data : nullptr));
  if (!accepted_ && ++rejected_connects_ > hub_.settings().max_rejected_connects)
    close_with_error(error::too_many_rejections);
}

void client::send(std::span<const message> packet) {
  if (!closed_) transport_->send(packet);
}

void client::remove(const socket& disconnected) {
  sockets_.erase(disconnected.namespace_name());
  if (sockets_.empty() && !closed_) start_connect_timer();
}

void client::disconnect_all() {
  const auto self = shared_from_this();
  for (const auto& [name, s] : std::map(sockets_)) s->disconnect();
  close("forced server close");
}

void client::close(disconnect_reason reason) {
  if (std::exchange(closed_, true)) return;
  const auto self = shared_from_this();
  disconnect_sockets(reason);
  transport_->close();
}

void client::close_with_error(std::error_code why) {
  spdlog::debug("closing a Socket.IO connection from {}: {}", request_->remote_address, why.message());
  close("parse error");
}

void client::disconnect_sockets(disconnect_reason reason) {
  connect_timer_.cancel();
  attachment_timer_.cancel();
  namespace_requests_.clear();
  for (const auto& [name, s] : std::exchange(sockets_, {})) s->on_disconnected(internal{}, reason);
}

void client::start_connect_timer() {
  const auto& limits = hub_.settings();
  connect_timer_ =
      hub_.timers().add(limits.now() + limits.connect_timeout, [this] { close("forced server close"); });
}

/// Socket.IO 2 clients are not sent their sockets' ids but derive them by this rule.
std::string client::make_id(std::string_view nsp) const {
  if (v2_id_.empty()) return make_socket_id();
  return nsp == "/" ? v2_id_ : std::string(nsp) + '#' + v2_id_;
}

}  // namespace emostream::socketio

#include "socketio/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <sys/random.h>

#include "base/base64.hpp"
#include "base/guarded.hpp"
#include "socketio/client.hpp"
#include "socketio/error.hpp"
#include "socketio/hub.hpp"
#include "socketio/json.hpp"
#include "socketio/namespace.hpp"
#include "socketio/packet.hpp"
#include "socketio/recovery.hpp"

namespace emostream::socketio {

namespace {

/// The name of a received event: a string, or the JSON text of a number.
std::string event_name(const boost::json::value& name) {
  if (const auto* text = name.if_string()) return std::string(*text);
  std::string text;
  write_json(text, name);
  return text;
}

/// Whether a client that was disconnected for this reason may recover its socket.
bool is_recoverable(disconnect_reason reason) {
  return reason != "parse error" && reason != "client namespace disconnect" &&
         reason != "server namespace disconnect";
}

}  // namespace

std::string make_socket_id() {
  std::array<char, 15> bytes;
  if (getentropy(bytes.data(), bytes.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "getentropy");
  std::string id = base64::encode({bytes.data(), bytes.size()});
  std::ranges::replace(id, '+', '-');
  std::ranges::replace(id, '/', '_');
  return id;
}

socket::socket(client& owner, std::shared_ptr<server_namespace> nsp, std::string namespace_name,
               std::string id, socketio::handshake handshake)
    : client_(&owner),
      namespace_(std::move(nsp)),
      namespace_name_(std::move(namespace_name)),
      id_(std::move(id)),
      handshake_(std::move(handshake)),
      rooms_{id_} {
  namespace_->retain_socket(internal{});
}

socket::~socket() = default;

listener socket::on(std::string name, event_handler handler) {
  return listeners_.on(std::move(name), std::move(handler), false);
}

listener socket::once(std::string name, event_handler handler) {
  return listeners_.on(std::move(name), std::move(handler), true);
}

void socket::on_unhandled(event_handler handler) {
  listeners_.on_unhandled(std::move(handler));
}

listener socket::on_any(event_observer observer) {
  return listeners_.on_any(std::move(observer), listeners::position::last);
}

listener socket::prepend_any(event_observer observer) {
  return listeners_.on_any(std::move(observer), listeners::position::first);
}

listener socket::on_any_outgoing(event_observer observer) {
  return listeners_.on_any_outgoing(std::move(observer), listeners::position::last);
}

listener socket::prepend_any_outgoing(event_observer observer) {
  return listeners_.on_any_outgoing(std::move(observer), listeners::position::first);
}

// Handlers often own the socket: after the disconnection, such a cycle would never be broken.

void socket::use(event_middleware step) {
  if (state_ == state::disconnected) return;
  middlewares_.push_back(std::make_shared<const event_middleware>(std::move(step)));
}

void socket::on_error(error_handler handler) {
  if (state_ != state::disconnected) error_handlers_.push_back(std::move(handler));
}

void socket::on_disconnect(disconnect_handler handler) {
  if (state_ != state::disconnected) disconnect_handlers_.push_back(std::move(handler));
}

bool socket::join(room_names rooms) {
  bool all = true;
  for (auto& room : rooms.names) all = join_room(std::move(room)) && all;
  return all;
}

bool socket::join_room(std::string room) {
  if (state_ == state::disconnected) return false;
  if (rooms_.contains(room)) return true;
  if (rooms_.size() >= client_->owner().settings().max_rooms) return false;
  const auto& joined = *rooms_.insert(std::move(room)).first;
  if (connected()) namespace_->adapter().join(shared_from_this(), joined);
  return true;
}

void socket::leave(const room_names& rooms) {
  for (const auto& room : rooms.names) leave_room(room);
}

void socket::leave_room(std::string_view room) {
  const auto found = rooms_.find(room);
  if (state_ == state::disconnected || found == rooms_.end()) return;
  rooms_.erase(found);
  if (connected()) namespace_->adapter().leave(shared_from_this(), room);
}

void socket::disconnect(bool close) {
  if (!connected()) return;
  const auto self = shared_from_this();
  if (close) return client_->disconnect_all();
  client_->send(client_->owner().parser().encode_disconnect(namespace_name_));
  client_->ignore_late_packets(namespace_name_);
  leave_namespace("server namespace disconnect");
}

void socket::on_event(internal, packet p) {
  event e;
  auto& values = p.data.get_array();
  e.name = event_name(values.front());
  values.erase(values.begin());
  e.args.values = std::move(values);
  e.args.attachments = std::move(p.attachments);
  if (p.id)
    e.ack = acknowledgement([weak = weak_from_this(), id = *p.id](const arguments& answer) {
      if (const auto self = weak.lock()) self->send_ack(id, answer);
    });

  if (middlewares_.empty()) return listeners_.dispatch(e);
  run_middlewares(std::make_shared<pending_event>(pending_event{std::move(e), middlewares_}), 0);
}

void socket::run_middlewares(const std::shared_ptr<pending_event>& e, std::size_t step) {
  if (!connected()) return;
  if (step == e->middlewares.size()) return listeners_.dispatch(e->received);
  const next continuation([weak = weak_from_this(), e, step](const middleware_error* why) {
    const auto self = weak.lock();
    if (!self) return;
    if (!why) return self->run_middlewares(e, step + 1);
    self->notify_rejected(*why);
  });
  if (!guarded("a middleware of event", e->received.name,
               [&] { (*e->middlewares[step])(e->received, continuation); }))
    continuation({"Internal server error"});
}

void socket::notify_rejected(const middleware_error& why) const {
  for (const auto& handler : std::vector(error_handlers_)) guarded("an error handler", [&] { handler(why); });
}

void socket::enable_recovery(internal, std::unique_ptr<lost_session> session) {
  recovery_ = std::make_unique<recovery_state>();
  if (!session) {
    recovery_->pid = make_socket_id();
    return;
  }
  recovery_->pid = session->pid;
  recovery_->recovered = true;
  rooms_ = session->rooms;
  data = session->data;
  recovery_->claimed = std::move(session);
}

std::optional<std::vector<encoded_packet>> socket::finish_recovery(internal) {
  if (!recovery_) return std::vector<encoded_packet>();
  auto& log = *namespace_->log(internal{});
  const auto session = std::exchange(recovery_->claimed, nullptr);
  auto missed = session ? log.resume(*session) : std::vector<encoded_packet>();
  if (missed) recovery_->since = session ? session->since : log.position();
  return missed;
}

std::string_view socket::pid(internal) const {
  return recovery_ ? std::string_view(recovery_->pid) : std::string_view();
}

void socket::set_connected(internal) {
  state_ = state::connected;
  namespace_->add(internal{}, shared_from_this());
}

void socket::abandon(internal) {
  if (connected()) namespace_->remove_silently(internal{}, shared_from_this());
  detach();
}

void socket::save_session() {
  namespace_->log(internal{})
      ->add({recovery_->pid, id_, namespace_name_, rooms_, data, recovery_->since, {}});
}

std::map<std::uint64_t, socket::pending_ack> socket::detach() {
  state_ = state::disconnected;
  if (recovery_)
    if (const auto claimed = std::exchange(recovery_->claimed, nullptr))
      namespace_->log(internal{})->release(std::move(*claimed));
  if (std::exchange(client_, nullptr)) namespace_->release_socket(internal{});
  // A handler that is running is kept alive by its caller.
  listeners_.close();
  middlewares_.clear();
  error_handlers_.clear();
  disconnect_handlers_.clear();
  return std::exchange(pending_acks_, {});
}

void socket::leave_namespace(disconnect_reason reason) {
  const auto self = shared_from_this();
  const bool was_connected = connected();
  const bool recoverable = was_connected && recovery_ && is_recoverable(reason);
  const auto handlers = std::exchange(disconnect_handlers_, {});
  // Set first, so that the handlers of room_hooks cannot change the rooms or disconnect the socket again.
  state_ = state::disconnected;
  if (client_) client_->remove(*this);
  if (recoverable) save_session();  // before the handlers of room_hooks, whose events the client misses
  if (was_connected) namespace_->remove(internal{}, self);
  for (auto& [id, pending] : detach())
    guarded("an acknowledgement handler", [&] { pending.handler(failure(error::disconnected)); });
  if (was_connected)
    for (const auto& handler : handlers) guarded("a disconnect handler", [&] { handler(reason); });
  if (recoverable) namespace_->log(internal{})->set_data(recovery_->pid, data);
  rooms_.clear();
}

}  // namespace emostream::socketio

#include "socketio/namespace.hpp"

#include <stdexcept>
#include <utility>

#include "base/guarded.hpp"
#include "socketio/hub.hpp"
#include "socketio/packet.hpp"
#include "socketio/recovery.hpp"

namespace emostream::socketio {

namespace {

/// A socket that wants to connect, and the middlewares that decide on it.
struct pending_connection {
  std::vector<std::shared_ptr<const middleware>> steps;
  std::shared_ptr<socket> candidate;
  server_namespace::admission_handler done;
};

void run_step(const std::shared_ptr<const pending_connection>& a, std::size_t step) {
  if (step == a->steps.size()) return a->done(a->candidate, nullptr);
  const next continuation([a, step](const connect_error* why) {
    if (why)
      a->done(a->candidate, why);
    else
      run_step(a, step + 1);
  });
  if (!guarded("a middleware", [&] { (*a->steps[step])(a->candidate, continuation); }))
    continuation({"Internal server error"});
}

/// Excludes the names that clients reject, and those that Node.js servers reject.
void require_server_side_name(std::string_view event) {
  require_emittable(event);
  if (event == "connection" || event == "new_namespace")
    throw std::invalid_argument("the event name " + std::string(event) + " is reserved");
}

}  // namespace

server_namespace::server_namespace(hub& owner, std::string name) : hub_(owner), name_(std::move(name)) {
  if (const auto& settings = owner.settings(); settings.recovery.enabled)
    recovery_ = std::make_unique<recovery_log>(settings, owner.timers(), [this] { notify_if_empty(); });
  adapter_ = make_memory_adapter(sockets_, next_ack_id_, owner.parser(), recovery_.get(), room_hooks_);
}

server_namespace::~server_namespace() = default;

void server_namespace::use(middleware step) {
  middlewares_.push_back(std::make_shared<const middleware>(std::move(step)));
}

listener server_namespace::on_connection(connection_handler handler) {
  return add_listener(std::move(handler), false);
}

listener server_namespace::once_connection(connection_handler handler) {
  return add_listener(std::move(handler), true);
}

void server_namespace::off_connection(listener which) {
  std::erase_if(listeners_, [which](const connection_listener& l) { return l.id == which; });
}

listener server_namespace::add_listener(connection_handler handler, bool once) {
  const listener id{next_listener_id_++};
  listeners_.push_back({id, std::make_shared<const connection_handler>(std::move(handler)), once});
  return id;
}

void server_namespace::server_side_emit(std::string_view name, const arguments& args) {
  require_server_side_name(name);
  adapter_->server_side_emit(name, args);
}

void server_namespace::server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                                        responses_handler done) {
  require_server_side_name(name);
  adapter_->server_side_emit(name, args, timeout, std::move(done));
}

void server_namespace::on_server_side(std::string name, socket::event_handler handler) {
  server_side_handlers_[std::move(name)] = std::move(handler);
}

void server_namespace::receive_server_side(event& e) {
  const auto found = server_side_handlers_.find(e.name);
  if (found == server_side_handlers_.end()) return;
  guarded("a server-side handler of event", e.name, [&, run = found->second] { run(e); });
}

std::shared_ptr<socket> server_namespace::find(std::string_view id) const {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? nullptr : found->second;
}

std::map<std::string, std::size_t> server_namespace::rooms() const {
  std::map<std::string, std::size_t> counts;
  for (const auto& [id, member] : sockets_) {
    if (!member->connected()) continue;
    for (const auto& room : member->rooms()) ++counts[room];
  }
  return counts;
}

void server_namespace::for_each(const std::function<void(const std::shared_ptr<socket>&)>& visit) const {
  adapter_->for_each({}, visit);
}

void server_namespace::run_middlewares(internal, const std::shared_ptr<socket>& candidate,
                                       admission_handler done) const {
  if (middlewares_.empty()) return done(candidate, nullptr);
  run_step(std::make_shared<const pending_connection>(
               pending_connection{middlewares_, candidate, std::move(done)}),
           0);
}

void server_namespace::add(internal, const std::shared_ptr<socket>& member) {
  ever_connected_ = true;
  sockets_.emplace(member->id(), member);
  // Copies, since a handler of room_hooks_ may change the rooms or disconnect the socket.
  const std::vector<std::string> joined(member->rooms().begin(), member->rooms().end());
  for (const auto& room : joined)
    if (member->rooms().contains(room)) adapter_->join(member, room);
}

void server_namespace::remove(internal, const std::shared_ptr<socket>& member) {
  for (const auto& room : member->rooms()) adapter_->leave(member, room);
  sockets_.erase(member->id());
}

void server_namespace::remove_silently(internal key, const std::shared_ptr<socket>& member) {
  auto hooks = std::exchange(room_hooks_, {});
  remove(key, member);
  room_hooks_ = std::move(hooks);
}

void server_namespace::notify_connected(internal, const std::shared_ptr<socket>& member) {
  for (const auto& l : std::vector(listeners_)) {
    if (l.once) off_connection(l.id);
    guarded("a connection handler", [&] { (*l.run)(member); });
  }
}

void server_namespace::release_socket(internal) {
  --socket_refs_;
  notify_if_empty();
}

bool server_namespace::removable(internal) const {
  // A child that no socket ever connected to is removed even without the option, so that rejected clients
  // cannot use up max_child_namespaces.
  return !permanent_ && (!ever_connected_ || hub_.settings().remove_empty_child_namespaces);
}

void server_namespace::notify_if_empty() {
  if (socket_refs_ > 0 || (recovery_ && recovery_->has_sessions())) return;
  const auto self = shared_from_this();
  hub_.on_empty(*this);
}

recovery_stats server_namespace::recovery() const {
  return recovery_ ? recovery_->stats() : recovery_stats{};
}

}  // namespace emostream::socketio

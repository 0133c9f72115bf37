#include "socketio/namespace.hpp"

#include <utility>

#include "base/guarded.hpp"
#include "socketio/hub.hpp"
#include "socketio/recovery.hpp"

namespace emostream::socketio {

server_namespace::server_namespace(hub& owner, std::string name) : hub_(owner), name_(std::move(name)) {
  if (const auto& settings = owner.settings(); settings.recovery.enabled)
    recovery_ = std::make_unique<recovery_log>(settings, owner.timers(), [this] { leave_if_empty(); });
  adapter_ = make_memory_adapter(sockets_, next_ack_id_, owner.parser(), recovery_.get());
}

server_namespace::~server_namespace() = default;

void server_namespace::use(middleware step) {
  middlewares_.push_back(std::move(step));
}

listener server_namespace::on_connection(connection_handler handler) {
  return add_greeter(std::move(handler), false);
}

listener server_namespace::once_connection(connection_handler handler) {
  return add_greeter(std::move(handler), true);
}

void server_namespace::off_connection(listener which) {
  std::erase_if(greeters_, [which](const greeter& g) { return g.id == which; });
}

listener server_namespace::add_greeter(connection_handler handler, bool once) {
  const listener id{greeters_added_++};
  greeters_.push_back({id, std::make_shared<const connection_handler>(std::move(handler)), once});
  return id;
}

void server_namespace::server_side_emit(std::string_view name, const arguments& args) {
  adapter_->server_side_emit(name, args);
}

void server_namespace::server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                                        responses_handler done) {
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
  for (const auto& [id, member] : sockets_)
    for (const auto& room : member->rooms()) ++counts[room];
  return counts;
}

void server_namespace::for_each(const std::function<void(const std::shared_ptr<socket>&)>& visit) const {
  adapter_->for_each({}, visit);
}

void server_namespace::admit(const std::shared_ptr<socket>& candidate, std::size_t step, admitted done) {
  if (step == middlewares_.size()) return done(candidate, nullptr);
  const next go_on([this, candidate, step, done](const connect_error* why) {
    if (why)
      done(candidate, why);
    else
      admit(candidate, step + 1, done);
  });
  if (!guarded("a middleware", [&] { middlewares_[step](candidate, go_on); }))
    go_on({"Internal server error"});
}

void server_namespace::add(const std::shared_ptr<socket>& member) {
  visited_ = true;
  sockets_.emplace(member->id(), member);
  for (const auto& room : member->rooms()) adapter_->join(member, room);
}

void server_namespace::announce(const std::shared_ptr<socket>& member) {
  for (const auto& g : std::vector(greeters_)) {
    if (g.once) off_connection(g.id);
    guarded("a connection handler", [&] { (*g.run)(member); });
  }
}

void server_namespace::remove(const std::shared_ptr<socket>& member) {
  for (const auto& room : member->rooms()) adapter_->leave(member, room);
  sockets_.erase(member->id());
}

void server_namespace::release() {
  --occupants_;
  leave_if_empty();
}

void server_namespace::leave_if_empty() {
  if (occupants_ > 0 || (recovery_ && recovery_->awaited())) return;
  const auto self = shared_from_this();
  hub_.on_empty(*this);
}

recovery_stats server_namespace::recovery() const {
  return recovery_ ? recovery_->stats() : recovery_stats{};
}

}  // namespace emostream::socketio

#include "socketio/parent_namespace.hpp"

#include <utility>

#include "base/guarded.hpp"
#include "socketio/packet.hpp"

namespace emostream::socketio {

void parent_namespace::on_connection(server_namespace::connection_handler handler) {
  connection_handlers_.push_back(std::move(handler));
}

void parent_namespace::emit(std::string_view name, const arguments& args) const {
  require_emittable(name);
  for_each_child([&](server_namespace& child) { child.emit(name, args); });
}

void parent_namespace::for_each_child(const std::function<void(server_namespace&)>& visit) const {
  for (const auto& [name, child] : std::map(children_)) visit(*child);
}

void parent_namespace::decide(internal, std::string_view name, const boost::json::object& auth,
                              const decision& decide) const {
  if (!guarded("the predicate of a parent namespace", [&] { accepts_(name, auth, decide); })) decide(false);
}

bool parent_namespace::matches(internal, std::string_view name) const {
  bool matching = false;
  guarded("the predicate of a parent namespace", [&] { matching = accepts_.matches(name); });
  return matching;
}

std::shared_ptr<server_namespace> parent_namespace::create(internal, hub& owner, const std::string& name) {
  const auto child = std::make_shared<server_namespace>(owner, name);
  for (const auto& step : middlewares_) child->use(step);
  for (const auto& handler : connection_handlers_) child->on_connection(handler);
  children_.emplace(name, child);
  return child;
}

void parent_namespace::remove(internal, std::string_view name) {
  if (const auto found = children_.find(name); found != children_.end()) children_.erase(found);
}

}  // namespace emostream::socketio

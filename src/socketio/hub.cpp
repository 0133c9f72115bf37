#include "socketio/hub.hpp"

#include <stdexcept>
#include <utility>

#include "base/guarded.hpp"
#include "socketio/client.hpp"
#include "socketio/internal.hpp"

namespace emostream::socketio {

namespace {

std::string with_leading_slash(std::string name) {
  return name.starts_with('/') ? name : '/' + name;
}

}  // namespace

hub::hub(options opts, std::function<void(time_point)> on_earlier_deadline)
    : options_(std::move(opts)), timers_(std::move(on_earlier_deadline)) {}

server_namespace& hub::of(std::string name) {
  name = with_leading_slash(std::move(name));
  if (auto* existing = find(name)) {
    existing->set_permanent(internal{});
    return *existing;
  }
  const auto created = std::make_shared<server_namespace>(*this, name);
  created->set_permanent(internal{});
  namespaces_[std::move(name)] = created;
  notify_created(*created);
  return *created;
}

void hub::on_new_namespace(std::function<void(server_namespace&)> handler) {
  namespace_handlers_.push_back(std::move(handler));
}

void hub::notify_created(server_namespace& created) {
  for (const auto& handler : std::vector(namespace_handlers_))
    guarded("a handler of new namespaces", [&] { handler(created); });
}

parent_namespace& hub::of(parent_namespace::predicate accepts) {
  return *parents_.emplace_back(std::make_unique<parent_namespace>(std::move(accepts)));
}

void hub::alias(std::string alias, std::string name) {
  const auto target = of(std::move(name)).shared_from_this();
  alias = with_leading_slash(std::move(alias));
  if (!namespaces_.emplace(alias, target).second)
    throw std::logic_error("namespace " + alias + " exists already");
}

server_namespace* hub::find(std::string_view name) const {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : found->second.get();
}

std::shared_ptr<server_namespace> hub::find_or_create(const std::string& name,
                                                      const boost::json::object& auth) {
  if (auto* existing = find(name)) return existing->shared_from_this();
  for (const auto& parent : parents_) {
    if (!parent->accepts(internal{}, name, auth)) continue;
    // The predicate may have created it with of().
    if (auto* existing = find(name)) return existing->shared_from_this();
    if (parent->child_count() >= options_.max_child_namespaces) return nullptr;
    const auto created = parent->create(internal{}, *this, name);
    namespaces_[name] = created;
    notify_created(*created);
    return created;
  }
  return nullptr;
}

void hub::on_empty(server_namespace& empty) {
  if (!empty.removable(internal{})) return;
  for (const auto& parent : parents_) parent->remove(internal{}, empty.name());
  if (const auto found = namespaces_.find(empty.name()); found != namespaces_.end()) namespaces_.erase(found);
}

std::shared_ptr<client> hub::connect(std::unique_ptr<transport> output, shared_request request,
                                     std::string v2_id) {
  auto added = std::make_shared<client>(*this, std::move(output), std::move(request), std::move(v2_id));
  added->start();
  return added;
}

}  // namespace emostream::socketio

#include "socketio/hub.hpp"

#include <algorithm>
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
  auto* nsp = find(name);
  if (!nsp) {
    const auto matches = [&](const auto& parent) { return parent->matches(internal{}, name); };
    const auto parent = std::ranges::find_if(parents_, matches);
    nsp = add(parent != parents_.end() ? (*parent)->create(internal{}, *this, name)
                                       : std::make_shared<server_namespace>(*this, name))
              .get();
  }
  nsp->set_permanent(internal{});
  return *nsp;
}

void hub::on_new_namespace(std::function<void(server_namespace&)> handler) {
  namespace_handlers_.push_back(std::move(handler));
}

std::shared_ptr<server_namespace> hub::add(std::shared_ptr<server_namespace> created) {
  namespaces_[created->name()] = created;
  for (const auto& handler : std::vector(namespace_handlers_))
    guarded("a handler of new namespaces", [&] { handler(*created); });
  return created;
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

void hub::create_child(const std::shared_ptr<namespace_request>& request) {
  // A predicate may have created it with of().
  if (auto* existing = find(request->name)) return request->done(existing->shared_from_this());
  if (request->next_parent == parents_.size()) return request->done(nullptr);
  auto& parent = *parents_[request->next_parent++];
  const decision decide([this, &parent, weak = std::weak_ptr(request)](bool accepted) {
    const auto pending = weak.lock();
    if (!pending) return;
    if (!accepted || find(pending->name)) return create_child(pending);
    pending->done(add_child(parent, pending->name));
  });
  parent.decide(internal{}, request->name, request->handshake.auth, decide);
}

/// Returns nullptr if the parent has too many children.
std::shared_ptr<server_namespace> hub::add_child(parent_namespace& parent, const std::string& name) {
  if (parent.child_count() >= options_.max_child_namespaces) return nullptr;
  return add(parent.create(internal{}, *this, name));
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

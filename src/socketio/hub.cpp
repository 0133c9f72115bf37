#include "socketio/hub.hpp"

#include <stdexcept>
#include <utility>

#include "base/guarded.hpp"
#include "socketio/client.hpp"

namespace emostream::socketio {

namespace {

std::string with_slash(std::string name) {
  return name.starts_with('/') ? name : '/' + name;
}

}  // namespace

hub::hub(options opts, std::function<void(time_point)> earlier)
    : options_(std::move(opts)), timers_(std::move(earlier)) {}

server_namespace& hub::of(std::string name) {
  name = with_slash(std::move(name));
  auto* known = find(name);
  if (known) {
    known->permanent_ = true;
    return *known;
  }
  const auto made = std::make_shared<server_namespace>(*this, name);
  made->permanent_ = true;
  names_[std::move(name)] = made;
  announce(*made);
  return *made;
}

void hub::on_new_namespace(std::function<void(server_namespace&)> handler) {
  namespace_handlers_.push_back(std::move(handler));
}

void hub::announce(server_namespace& made) {
  for (const auto& handler : std::vector(namespace_handlers_))
    guarded("a handler of new namespaces", [&] { handler(made); });
}

parent_namespace& hub::of(parent_namespace::predicate accepts) {
  return *parents_.emplace_back(std::make_unique<parent_namespace>(std::move(accepts)));
}

void hub::alias(std::string alias, std::string name) {
  const auto target = of(std::move(name)).shared_from_this();
  alias = with_slash(std::move(alias));
  if (!names_.emplace(alias, target).second) throw std::logic_error("namespace " + alias + " exists already");
}

server_namespace* hub::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second.get();
}

std::shared_ptr<server_namespace> hub::admit(const std::string& name, const boost::json::object& auth) {
  if (auto* known = find(name)) return known->shared_from_this();
  if (name.size() > options_.max_child_name_bytes) return nullptr;
  for (const auto& parent : parents_) {
    if (!parent->accepts(name, auth)) continue;
    // The predicate may have made it by of().
    if (auto* known = find(name)) return known->shared_from_this();
    if (parent->child_count() >= options_.max_child_namespaces) return nullptr;
    const auto made = parent->make(*this, name);
    names_[name] = made;
    announce(*made);
    return made;
  }
  return nullptr;
}

void hub::on_empty(server_namespace& left) {
  // What nobody was let into goes anyway: whoever is refused is not to use up max_child_namespaces.
  if (left.permanent_ || (left.visited_ && !options_.remove_empty_child_namespaces)) return;
  for (const auto& parent : parents_) parent->forget(left.name());
  if (const auto found = names_.find(left.name()); found != names_.end()) names_.erase(found);
}

std::shared_ptr<client> hub::connect(std::unique_ptr<transport> output, shared_request request,
                                     std::string v2_id) {
  auto added = std::make_shared<client>(*this, std::move(output), std::move(request), std::move(v2_id));
  added->begin();
  return added;
}

}  // namespace emostream::socketio

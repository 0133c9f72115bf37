#include "socketio/hub.hpp"

#include <stdexcept>
#include <utility>

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
  if (auto* known = find(name)) return *known;
  auto made = std::make_unique<server_namespace>(*this, name);
  names_.emplace(name, made.get());
  return *namespaces_.emplace(std::move(name), std::move(made)).first->second;
}

void hub::alias(std::string alias, std::string name) {
  server_namespace& target = of(std::move(name));
  alias = with_slash(std::move(alias));
  if (!names_.emplace(alias, &target).second)
    throw std::logic_error("namespace " + alias + " exists already");
}

server_namespace* hub::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

std::shared_ptr<client> hub::connect(std::unique_ptr<transport> output, request_head request) {
  return std::make_shared<client>(*this, std::move(output), std::move(request));
}

}  // namespace emostream::socketio

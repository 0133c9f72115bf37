#include "net/http/router.hpp"

#include <stdexcept>

namespace emostream::net {

void router::add(std::string method, std::string path, request_planner planner) {
  const auto star = path.find('*');
  const bool prefix = path.ends_with("/*");
  if (!path.starts_with('/'))
    throw std::invalid_argument("the path of a route must begin with a slash: \"" + path + '"');
  if (star != std::string::npos && !(prefix && star == path.size() - 1))
    throw std::invalid_argument("the path of a route may contain * only as its last segment: " + path);
  if (prefix) path.pop_back();
  auto& methods_of_path = (prefix ? prefixes_ : exact_)[path];
  if (!methods_of_path.emplace(method, std::move(planner)).second)
    throw std::invalid_argument("duplicate route: " + method + " " + path);
}

std::variant<const request_planner*, router::not_found, router::method_not_allowed> router::find(
    std::string_view method, std::string_view path) const {
  const methods* found = nullptr;
  if (const auto it = exact_.find(path); it != exact_.end()) {
    found = &it->second;
  } else {
    std::size_t longest = 0;
    for (const auto& [prefix, methods_of_prefix] : prefixes_)
      if (path.starts_with(prefix) && prefix.size() > longest) {
        found = &methods_of_prefix;
        longest = prefix.size();
      }
  }
  if (!found) return not_found{};

  auto it = found->find(method);
  if (it == found->end() && method == "HEAD") it = found->find("GET");
  if (it != found->end()) return &it->second;

  std::string allow;
  const auto add_name = [&allow](const std::string& name) { allow += (allow.empty() ? "" : ", ") + name; };
  for (const auto& [name, planner] : *found) {
    add_name(name);
    if (name == "GET" && !found->contains("HEAD")) add_name("HEAD");
  }
  return method_not_allowed{std::move(allow)};
}

}  // namespace emostream::net

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "net/http/request_plan.hpp"

namespace emostream::net {

/// Finds the handler for a method and a path; see http_server::route().
class router {
 public:
  struct not_found {};
  struct method_not_allowed {
    std::string allow;  ///< for the Allow header: the methods of the path, with HEAD if GET is one
  };

  /// Throws std::invalid_argument if `path` does not begin with `/`, contains a `*` that is not its last
  /// segment, or already has a route for the method.
  void add(std::string method, std::string path, request_planner planner);

  [[nodiscard]] std::variant<const request_planner*, not_found, method_not_allowed> find(
      std::string_view method, std::string_view path) const;

 private:
  using methods = std::map<std::string, request_planner, std::less<>>;
  std::map<std::string, methods, std::less<>> exact_;
  std::map<std::string, methods, std::less<>> prefixes_;  // without the `*`
};

}  // namespace emostream::net

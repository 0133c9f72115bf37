#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "net/http/request_plan.hpp"

namespace emostream::net {

/// Which handler answers which method on which path; see http_server::route().
class router {
 public:
  struct not_found {};
  struct method_not_allowed {
    std::string allow;  ///< the methods that there are: the Allow header
  };

  /// Throws std::invalid_argument if `path` does not begin with `/`, has a `*` elsewhere than as its last
  /// segment, or is routed already.
  void add(std::string method, std::string path, head_handler handler);

  [[nodiscard]] std::variant<const head_handler*, not_found, method_not_allowed> find(
      std::string_view method, std::string_view path) const;

 private:
  using methods = std::map<std::string, head_handler, std::less<>>;
  std::map<std::string, methods, std::less<>> exact_;
  std::map<std::string, methods, std::less<>> prefixes_;  // without the `*`
};

}  // namespace emostream::net

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/request_head.hpp"

namespace emostream::net {

/// Which origins browsers may come from (the Fetch standard, section 3.2).
class cors_policy {
 public:
  /// As options::cors_origins and cors_credentials.
  explicit cors_policy(std::vector<std::string> origins, bool credentials = false);

  /// True without an Origin header (not a browser), for a page of this very host, and for a listed origin.
  [[nodiscard]] bool allows(const request_head& head) const;

  /// The header lines that an answer to `head` needs, each ending in CR LF; those of a preflight if it is
  /// OPTIONS. The same as from the Node server, for the same origins and credentials; but where it answers
  /// credentials with `*`, which browsers do not take, the origin is echoed.
  [[nodiscard]] std::string header_lines(const request_head& head) const;

 private:
  std::vector<std::string> origins_;
  bool all_;
  bool credentials_;
};

}  // namespace emostream::net

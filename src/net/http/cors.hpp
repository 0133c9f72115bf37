#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/request_head.hpp"

namespace emostream::net {

/// The origins whose pages may use the server (Fetch standard, section 3.2).
class cors_policy {
 public:
  /// See options::cors_origins and options::cors_credentials.
  explicit cors_policy(std::vector<std::string> origins, bool credentials = false);

  /// True without an Origin header (not a browser), for pages of this host, and for listed origins.
  [[nodiscard]] bool allows(const request_head& head) const;

  /// The header lines for the response to `head`, each ending in CR LF; for OPTIONS, those of a preflight
  /// response. They are those of the Node.js server with the same settings, except with credentials and `*`:
  /// browsers reject that combination, so the request's origin is sent instead.
  [[nodiscard]] std::string header_lines(const request_head& head) const;

 private:
  std::vector<std::string> origins_;
  bool all_;
  bool credentials_;
};

}  // namespace emostream::net

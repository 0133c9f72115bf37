#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/request_head.hpp"

namespace emostream::net {

/// The origins whose pages may use the server (the CORS protocol of the Fetch standard).
class cors_policy {
 public:
  /// See options::cors_origins and options::cors_credentials.
  explicit cors_policy(std::vector<std::string> origins, bool credentials = false);

  /// True without an Origin header, for pages of this host, and for listed origins; `*` lists all.
  [[nodiscard]] bool allows(const request_head& head) const;

  /// The header lines for the response to `head`, each ending in CR LF; for OPTIONS, those of a preflight
  /// response. An origin that is not allowed gets only `Vary`. With credentials, the request's origin is sent
  /// instead of `*`, because browsers reject that combination.
  [[nodiscard]] std::string header_lines(const request_head& head) const;

 private:
  std::vector<std::string> origins_;
  bool all_;
  bool credentials_;
};

}  // namespace emostream::net

#include "net/http/cors.hpp"

#include <algorithm>

namespace emostream::net {

namespace {

/// True if the page is from this host: the origin `http://example.org:8000` matches the Host header
/// `example.org:8000`. The scheme is not compared, because a proxy may have terminated TLS.
bool same_host(std::string_view origin, const request_head& head) {
  const auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos && head.header("host") == origin.substr(scheme_end + 3);
}

}  // namespace

cors_policy::cors_policy(std::vector<std::string> origins, bool credentials)
    : origins_(std::move(origins)),
      all_(std::ranges::find(origins_, "*") != origins_.end()),
      credentials_(credentials) {}

bool cors_policy::allows(const request_head& head) const {
  const auto origin = head.header("origin");
  return all_ || !origin || std::ranges::find(origins_, *origin) != origins_.end() ||
         same_host(*origin, head);
}

std::string cors_policy::header_lines(const request_head& head) const {
  const bool any = all_ && !credentials_;
  const bool preflight = head.method == "OPTIONS";
  const auto origin = head.header("origin");
  std::string lines;
  const auto add = [&lines](std::string_view name, std::string_view value) {
    lines.append(name).append(": ").append(value).append("\r\n");
  };
  if (!any) add("Vary", "Origin");
  if (preflight) add("Vary", "Access-Control-Request-Headers");
  // With `*` the header is sent even without an Origin, because caches may reuse the response for others.
  if (!any && (!origin || !allows(head))) return lines;
  add("Access-Control-Allow-Origin", any ? "*" : *origin);
  if (credentials_) add("Access-Control-Allow-Credentials", "true");
  if (!preflight) return lines;
  add("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE");
  if (const auto wanted = head.header("access-control-request-headers"))
    add("Access-Control-Allow-Headers", *wanted);
  add("Access-Control-Max-Age", "600");
  return lines;
}

}  // namespace emostream::net

#include "net/cors.hpp"

#include <algorithm>

namespace emostream::net {

namespace {

/// `http://example.org:8000` and the Host header `example.org:8000`: the page is our own. The scheme is not
/// compared, since a proxy may have ended TLS.
bool same_host(std::string_view origin, const request_head& head) {
  const auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos && head.header("host") == origin.substr(scheme_end + 3);
}

}  // namespace

cors_policy::cors_policy(std::vector<std::string> origins)
    : origins_(std::move(origins)), all_(std::ranges::find(origins_, "*") != origins_.end()) {}

bool cors_policy::allows(const request_head& head) const {
  const auto origin = head.header("origin");
  return all_ || !origin || std::ranges::find(origins_, *origin) != origins_.end() ||
         same_host(*origin, head);
}

std::string cors_policy::header_lines(const request_head& head) const {
  const auto origin = head.header("origin");
  if (!origin) return all_ ? std::string() : "Vary: Origin\r\n";
  std::string lines = "Vary: Origin\r\n";
  if (!allows(head)) return lines;
  lines += "Access-Control-Allow-Origin: ";
  lines += *origin;
  lines += "\r\nAccess-Control-Allow-Credentials: true\r\n";
  if (head.method == "OPTIONS") {
    lines += "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n";
    if (const auto wanted = head.header("access-control-request-headers")) {
      lines += "Access-Control-Allow-Headers: ";
      lines += *wanted;
      lines += "\r\n";
    }
    lines += "Access-Control-Max-Age: 600\r\n";
  }
  return lines;
}

}  // namespace emostream::net

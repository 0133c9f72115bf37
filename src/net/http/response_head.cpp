#include "net/http/response_head.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

#include <boost/beast/http/status.hpp>

namespace emostream::net {

namespace {

/// Appends the Date header (RFC 9110 sections 5.6.7 and 6.6.1).
void append_date_line(std::string& out) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> line;
  out.append(line.data(),
             std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc));
}

}  // namespace

void append_header_lines(std::string& out, const header_list& headers) {
  for (const auto& [name, value] : headers) {
    out += name;
    out += ": ";
    // A line break in a value would inject a header or a body.
    std::ranges::replace_copy_if(
        value, std::back_inserter(out), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    out += "\r\n";
  }
}

std::string response_head(const http_response& response, bool keep_alive, std::string_view extra_lines) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  const std::string_view reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  out += reason;
  out += "\r\n";
  append_date_line(out);
  out += "X-Content-Type-Options: nosniff\r\n";
  append_header_lines(out, response.headers);
  out += extra_lines;
  if (response.status != 204 && response.status != 304 && response.status >= 200)
    out += "Content-Length: " + std::to_string(response.body ? response.body->size() : 0) + "\r\n";
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return out;
}

}  // namespace emostream::net

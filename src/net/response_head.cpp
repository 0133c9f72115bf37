#include "net/response_head.hpp"

#include <algorithm>

#include <boost/beast/http/status.hpp>

namespace emostream::net {

void append_header_lines(std::string& out, const header_list& headers) {
  for (const auto& [name, value] : headers) {
    out += name;
    out += ": ";
    // A line break in a value would begin a header, or a body, that nobody meant.
    std::ranges::replace_copy_if(
        value, std::back_inserter(out), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    out += "\r\n";
  }
}

std::string response_head(const http_response& response, bool keep_alive, std::string_view more) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  const std::string_view reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  out += reason;
  out += "\r\n";
  append_header_lines(out, response.headers);
  out += more;
  if (response.status != 204 && response.status != 304 && response.status >= 200)
    out += "Content-Length: " + std::to_string(response.body ? response.body->size() : 0) + "\r\n";
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return out;
}

}  // namespace emostream::net

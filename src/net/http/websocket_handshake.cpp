#include "net/http/websocket_handshake.hpp"

#include <cstddef>

namespace emostream::net {

std::optional<http_response> check_handshake(const request_head& head) {
  if (head.header("sec-websocket-version") != "13") {
    auto response = http_response::error(426, "WebSocket version 13 is required");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    response.headers.emplace_back("Connection", "Upgrade");  // RFC 9110 sections 7.8 and 15.5.22
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  constexpr std::size_t key_size = 24;  // 16 bytes as base64
  if (head.header("sec-websocket-key").value_or("").size() != key_size)
    return http_response::error(400, "Bad Sec-WebSocket-Key");
  return std::nullopt;
}

}  // namespace emostream::net

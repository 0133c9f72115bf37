#pragma once

#include <string>
#include <string_view>

#include "net/websocket/websocket_frame.hpp"

namespace emostream::net {

/// A masked WebSocket frame, as a client sends it. `first_byte` holds FIN, RSV and the opcode.
inline std::string masked_frame(unsigned first_byte, std::string_view content) {
  std::string bytes;
  append_frame_header(bytes, opcode::text, content.size());
  bytes[0] = static_cast<char>(first_byte);
  bytes[1] = static_cast<char>(bytes[1] | 0x80);
  constexpr std::string_view mask = "\x12\x34\x56\x78";
  bytes += mask;
  for (std::size_t i = 0; i < content.size(); ++i)
    bytes.push_back(static_cast<char>(content[i] ^ mask[i % 4]));
  return bytes;
}

}  // namespace emostream::net

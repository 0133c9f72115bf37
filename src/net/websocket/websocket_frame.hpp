#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace emostream::net {

/// The type of a WebSocket frame (RFC 6455 section 5.2).
enum class opcode : unsigned char { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The close codes that the server sends (RFC 6455 section 7.4.1), besides those that it echoes.
enum class close_code : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  bad_content = 1007,  ///< text that is not UTF-8, or compressed data that is malformed
  too_big = 1009,
  try_again_later = 1013  ///< the server has too little memory
};

/// The maximum size of a frame header without a mask.
inline constexpr std::size_t max_frame_header = 10;

/// Appends the header of an unfragmented server frame with `size` bytes of payload; `deflated` sets RSV1 (RFC
/// 7692 section 6).
void append_frame_header(std::string& out, opcode type, std::size_t size, bool deflated = false);

/// The payload of a close frame.
std::string close_frame_content(close_code code);

/// The value of Sec-WebSocket-Accept for a client's Sec-WebSocket-Key (RFC 6455 section 4.2.2).
std::string websocket_accept(std::string_view key);

}  // namespace emostream::net

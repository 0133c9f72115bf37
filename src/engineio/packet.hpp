#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/message.hpp"
#include "base/result.hpp"

namespace emostream::engineio {

/// The letter that a packet begins with on the wire.
enum class packet_type : char {
  open = '0',
  close = '1',
  ping = '2',
  pong = '3',
  message = '4',
  upgrade = '5',
  noop = '6',
  base64 = 'b',  ///< what stands before bytes in Engine.IO 3's text frames, see codec; never received
};

/// One Engine.IO packet. Its bytes are shared, never copied: a transport writes prefix() and then text(), so
/// that one broadcast is one string whatever the number of its receivers.
struct packet {
  packet_type type = packet_type::noop;
  bool binary = false;   ///< only messages are
  shared_bytes data;     ///< null is empty
  bool compress = true;  ///< as in message

  static packet of(message m) { return {packet_type::message, m.binary, std::move(m.data), m.compress}; }
  static packet of(packet_type type, std::string_view text);

  [[nodiscard]] std::string_view text() const { return data ? std::string_view(*data) : std::string_view(); }
  /// What stands before text() in a WebSocket frame: the type's letter, or nothing if binary. Static storage.
  [[nodiscard]] std::string_view prefix() const;
  /// Bytes of the frame.
  [[nodiscard]] std::size_t frame_size() const { return prefix().size() + text().size(); }
};

/// Parses one WebSocket message; copies what it keeps. `frame` is UTF-8 if not binary. error::invalid_packet.
result<packet> decode_frame(std::string_view frame, bool binary);

/// The body of a poll answer: packets parted by U+001E, binary ones as `b` and base64.
std::string encode_payload(std::span<const packet> packets);

/// Parses the body of a POST, all of it or nothing. error::invalid_packet, error::too_many_packets.
result<std::vector<packet>> decode_payload(std::string_view payload, std::size_t max_packets);

}  // namespace emostream::engineio

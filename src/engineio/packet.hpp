#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/message.hpp"
#include "base/result.hpp"

namespace emostream::engineio {

/// The packet types, as encoded on the wire.
enum class packet_type : char {
  open = '0',
  close = '1',
  ping = '2',
  pong = '3',
  message = '4',
  upgrade = '5',
  noop = '6',
  base64 = 'b',  ///< marks a binary message that is encoded as text, see codec; decoded as `message`
};

/// An Engine.IO packet. Its data is shared, not copied: a transport writes prefix() and then text(), so all
/// receivers of a broadcast share one string.
struct packet {
  packet_type type = packet_type::noop;
  bool binary = false;   ///< only message packets can be binary
  shared_bytes data;     ///< null means empty
  bool compress = true;  ///< see message

  static packet of(message m) { return {packet_type::message, m.binary, std::move(m.data), m.compress}; }
  static packet of(packet_type type, std::string_view text);

  /// The data, which is text unless `binary`.
  [[nodiscard]] std::string_view text() const { return data ? std::string_view(*data) : std::string_view(); }
  /// The bytes before text() in a WebSocket message: the type's character, or nothing if binary. Static
  /// storage.
  [[nodiscard]] std::string_view prefix() const;
  /// The size of the WebSocket message, in bytes.
  [[nodiscard]] std::size_t websocket_size() const { return prefix().size() + text().size(); }
};

/// Parses a WebSocket message, which must be UTF-8 if not binary; copies the data. A text that consists of
/// `b` and base64 is a binary message. Error: error::invalid_packet.
result<packet> decode_websocket(std::string_view received, bool binary);

/// Encodes the body of a poll response: packets separated by U+001E, binary ones as `b` and base64.
std::string encode_payload(std::span<const packet> packets);

/// Parses the whole body of a POST request. Errors: error::invalid_packet, error::too_many_packets.
result<std::vector<packet>> decode_payload(std::string_view payload, std::size_t max_packets);

}  // namespace emostream::engineio

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engineio/packet.hpp"

namespace emostream::engineio {

/// The supported versions of the Engine.IO protocol.
enum class protocol : char { v3 = 3, v4 = 4 };

/// The body of the response to a poll request.
struct payload {
  std::string bytes;
  bool binary = false;  ///< application/octet-stream; otherwise text
};

/// Encodes and decodes the packets of one session. Covers all differences between the protocol versions,
/// except which side sends pings.
class codec {
 public:
  codec() = default;  // version 4
  /// `base64`: the client cannot receive binary WebSocket messages or payloads. Payloads of version 4 are
  /// always text.
  codec(protocol version, bool base64) : version_(version), base64_(base64) {}

  [[nodiscard]] protocol version() const { return version_; }

  [[nodiscard]] payload encode_payload(std::span<const packet> packets) const;
  /// Parses the whole body of a POST request; only version 3 has `binary` bodies. Errors:
  /// error::octet_stream, error::invalid_packet, error::too_many_packets.
  [[nodiscard]] result<std::vector<packet>> decode_payload(std::string_view payload, bool binary,
                                                           std::size_t max_packets) const;

  /// Converts `p` so that prefix() followed by text() is the WebSocket message.
  [[nodiscard]] packet to_websocket(packet p) const;
  /// Parses a WebSocket message, which is UTF-8 if not binary. Error: error::invalid_packet.
  [[nodiscard]] result<packet> decode_websocket(std::string_view received, bool binary) const;
  /// The content of a WebSocket message that holds a message packet, without copying it; nullopt if it holds
  /// another packet, is malformed or needs decoding.
  [[nodiscard]] std::optional<std::string_view> message_content(std::string_view received, bool binary) const;

 private:
  protocol version_ = protocol::v4;
  bool base64_ = false;
};

}  // namespace emostream::engineio

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

/// The versions of Engine.IO that there are clients of.
enum class protocol : char { v3 = 3, v4 = 4 };

/// The body of a poll answer.
struct payload {
  std::string bytes;
  bool binary = false;  ///< application/octet-stream; else text
};

/// How the packets of one session travel: all that the versions of the protocol differ in, but for who pings.
class codec {
 public:
  codec() = default;  // version 4
  /// `base64`: the client said that it cannot take bytes. Only those of version 3 do.
  codec(protocol version, bool base64) : version_(version), base64_(base64) {}

  [[nodiscard]] protocol version() const { return version_; }

  [[nodiscard]] payload encode_payload(std::span<const packet> packets) const;
  /// Parses the body of a POST, all of it or nothing; `binary` ones are of version 3 only.
  /// error::octet_stream, error::invalid_packet, error::too_many_packets.
  [[nodiscard]] result<std::vector<packet>> decode_payload(std::string_view payload, bool binary,
                                                           std::size_t max_packets) const;

  /// `p` such that its prefix() and its text() are a WebSocket message.
  [[nodiscard]] packet to_frame(packet p) const;
  /// Parses a WebSocket message; text is UTF-8. error::invalid_packet.
  [[nodiscard]] result<packet> decode_frame(std::string_view frame, bool binary) const;
  /// The content of a WebSocket message that is a message packet; none if it is another one, or would have to
  /// be decoded.
  [[nodiscard]] std::optional<std::string_view> message_in(std::string_view frame, bool binary) const;

 private:
  protocol version_ = protocol::v4;
  bool base64_ = false;
};

}  // namespace emostream::engineio

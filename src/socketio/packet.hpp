#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/json/value.hpp>

#include "base/message.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"
#include "socketio/options.hpp"

namespace emostream::socketio {

/// The digits of Socket.IO protocol version 5.
enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,
  binary_ack
};

/// A packet as received. `data` is what its type allows: an object or nothing (null) for connect, nothing for
/// disconnect, a string or an object for connect_error, an array for the others, of which an event's begins
/// with its name.
struct packet {
  packet_type type = packet_type::connect;
  std::string nsp = "/";  ///< without a query
  std::optional<std::uint64_t> id;
  boost::json::value data;
  std::vector<shared_bytes> attachments;
};

/// The text of a packet, whose attachments are still to come.
struct packet_head {
  packet content;
  std::size_t attachments = 0;
};

/// Parses `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`, strictly.
result<packet_head> parse_packet(std::string_view text, const options& limits);

/// A packet as it travels: its text and then its attachments.
using encoded_packet = boost::container::small_vector<message, 1>;

/// What current JavaScript parsers take; above it they close the connection.
inline constexpr std::size_t max_encoded_attachments = 10;

/// Throws std::invalid_argument for more than max_encoded_attachments, as does encode_ack().
encoded_packet encode_event(std::string_view nsp, std::string_view name, const arguments& args,
                            std::optional<std::uint64_t> id = std::nullopt);
encoded_packet encode_ack(std::string_view nsp, std::uint64_t id, const arguments& answer);
encoded_packet encode_connect(std::string_view nsp, std::string_view sid);
encoded_packet encode_connect_error(std::string_view nsp, std::string_view message,
                                    const boost::json::value* data = nullptr);
encoded_packet encode_disconnect(std::string_view nsp);

}  // namespace emostream::socketio

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/json/value.hpp>

#include "base/message.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

/// The digits of Socket.IO protocol version 5.
enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,  ///< only where attachments travel beside the packet, as with JSON
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

/// A packet as it travels: its text and then its attachments, or one binary message.
using encoded_packet = boost::container::small_vector<message, 1>;

/// What current JavaScript parsers take; above it they close the connection.
inline constexpr std::size_t max_encoded_attachments = 10;

// What every parser asks of a packet.

/// What a JavaScript number counts to.
inline constexpr std::uint64_t max_packet_id = (std::uint64_t{1} << 53) - 1;

/// error::bad_id or error::bad_payload if a packet of that type may not have this id or these data;
/// `has_data` tells null from nothing.
std::error_code check(const packet& p, bool has_data);
/// Throws std::invalid_argument for more than max_encoded_attachments.
void check(const arguments& outgoing);

}  // namespace emostream::socketio

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/json/value.hpp>

#include "base/message.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

struct options;

/// The packet types of Socket.IO protocol version 5; the values are those on the wire.
enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  connect_error,
  binary_event,  ///< only if attachments are sent as separate messages, as with JSON
  binary_ack
};

/// A received packet. `data` depends on the type: an object or null (absent) for connect, null for
/// disconnect, a string or an object for connect_error, otherwise an array, which starts with the name if it
/// is an event.
struct packet {
  packet_type type = packet_type::connect;
  std::string nsp = "/";  ///< without the query
  std::optional<std::uint64_t> id;
  boost::json::value data;
  std::vector<shared_bytes> attachments;
};

/// An encoded packet: a text message followed by its attachments, or one binary message.
using encoded_packet = boost::container::small_vector<message, 1>;

/// The limit of current JavaScript parsers, which close the connection if a packet has more attachments.
inline constexpr std::size_t max_encoded_attachments = 10;

// Validation common to all parsers.

/// JavaScript's Number.MAX_SAFE_INTEGER.
inline constexpr std::uint64_t max_packet_id = (std::uint64_t{1} << 53) - 1;

/// Returns error::bad_id if the id is missing, not allowed for the packet's type or above max_packet_id,
/// error::bad_payload if the type does not allow the data, and error::name_too_long for the name of the
/// namespace or event. `has_data` distinguishes null from absent data.
std::error_code validate(const packet& p, bool has_data, const options& limits);
/// Throws std::invalid_argument for a name that clients reject: see socket::emit().
void require_emittable(std::string_view event);
/// Throws std::invalid_argument if there are more than max_encoded_attachments attachments.
void require_encodable(const arguments& outgoing);

}  // namespace emostream::socketio

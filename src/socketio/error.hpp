#pragma once

#include <system_error>

namespace emostream::socketio {

/// The errors of the Socket.IO library.
enum class error {
  // Passed to acknowledgement handlers.
  ack_timeout = 1,        ///< the client did not answer within the timeout
  disconnected,           ///< the socket is not connected, or was disconnected before the client answered
  too_many_pending_acks,  ///< options::max_pending_acks acknowledgements are pending

  // Why data from a client is rejected; each closes the connection.
  empty_packet,
  unknown_type,
  bad_attachment_count,   ///< not digits followed by a dash
  too_many_attachments,   ///< more than options::max_attachments
  attachments_too_large,  ///< more than options::max_attachment_bytes in total
  attachments_too_late,   ///< not complete within options::attachment_timeout
  bad_id,                 ///< missing, malformed, not allowed for the packet type, or above 2^53 - 1
  bad_json,               ///< not JSON, or nested deeper than options::max_json_depth
  bad_msgpack,            ///< not MessagePack, or nested deeper than options::max_json_depth
  bad_payload,            ///< data not allowed for the packet type, or an invalid namespace or query
  bad_placeholder,        ///< refers to an attachment that does not exist; in MessagePack, any placeholder
  unexpected_binary,      ///< an attachment without a packet
  unexpected_text,        ///< text instead of an attachment, or from a client whose packets are binary
  unexpected_packet,      ///< not allowed in the current state of the client's socket, or at all
  too_many_members,       ///< an object with more than options::max_object_members
  too_many_values,        ///< more than options::max_values in a packet
  name_too_long,          ///< of a namespace or event; more than options::max_name_bytes
  too_large_to_connect,   ///< more than options::max_connect_bytes while in no namespace
  too_many_rejections,    ///< more than options::max_rejected_connects while in no namespace
};

const std::error_category& error_category();
std::error_code make_error_code(error e);

}  // namespace emostream::socketio

namespace std {
template <>
struct is_error_code_enum<emostream::socketio::error> : true_type {};
}  // namespace std

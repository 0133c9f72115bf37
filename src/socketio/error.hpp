#pragma once

#include <system_error>

namespace emostream::socketio {

/// What can go wrong in Socket.IO.
enum class error {
  // What an acknowledgement handler may get instead of an answer.
  ack_timeout = 1,        ///< the client did not answer in time
  disconnected,           ///< the socket is, or was meanwhile, disconnected
  too_many_pending_acks,  ///< options::max_pending_acks answers are outstanding

  // Why a client's bytes are not a Socket.IO packet; each ends the connection.
  empty_packet,
  unknown_type,
  bad_attachment_count,   ///< not digits and a dash
  too_many_attachments,   ///< more than options::max_attachments
  attachments_too_large,  ///< together more than options::max_attachment_bytes
  attachments_too_late,   ///< not complete within options::attachment_timeout
  bad_id,                 ///< missing where needed, there where not, or above 2^53 - 1
  bad_json,               ///< not JSON, or deeper than options::max_json_depth
  bad_msgpack,            ///< not MessagePack, or deeper than options::max_json_depth
  bad_payload,            ///< data that the packet's type does not allow
  bad_placeholder,        ///< stands for an attachment that is not there
  unexpected_binary,      ///< an attachment that no packet announced
  unexpected_text,        ///< while attachments are missing, or where packets are binary
  unexpected_packet,      ///< not allowed in the namespace's present state
};

const std::error_category& error_category();
std::error_code make_error_code(error e);

}  // namespace emostream::socketio

namespace std {
template <>
struct is_error_code_enum<emostream::socketio::error> : true_type {};
}  // namespace std

#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace emostream::engineio {

/// Why a request, a packet or a payload is rejected.
enum class error {
  unknown_transport = 1,  ///< `transport` is neither polling nor websocket
  unknown_session,        ///< no session has that `sid`
  bad_handshake_method,   ///< a session must be opened with GET
  bad_request,            ///< a request that the session or its `transport` does not allow
  forbidden,              ///< the origin is not allowed, or allow_request rejected the request
  unsupported_protocol,   ///< `EIO` must be 4, or 3 if options::allow_eio3 is set
  jsonp,                  ///< JSONP polling is not supported
  overlapping_request,    ///< a GET of the session while another GET is pending; the same for POST
  octet_stream,           ///< a binary payload from a version 4 client; only version 3 allows them
  invalid_packet,         ///< not an Engine.IO packet
  too_many_packets,       ///< more than options::max_received_packets
  payload_too_large,      ///< larger than options::max_http_buffer_size, or a GET with a body
};

const std::error_category& error_category();
std::error_code make_error_code(error e);

/// The HTTP response to a rejected request; code and message are those of the Node.js server if it has them.
struct error_response {
  int status;                ///< 400, 403 or 413
  int code;                  ///< the protocol's error code, 0 to 5
  std::string_view message;  ///< "Session ID unknown", …

  /// The body: `{"code":N,"message":"…"}`; empty for status 413.
  [[nodiscard]] std::string json() const;
};

/// The response to `e`; code 3, `Bad request`, if there is no more specific one.
error_response error_response_of(std::error_code e);

using refusal [[deprecated("use error_response")]] = error_response;
[[deprecated("use error_response_of()")]] inline error_response refusal_of(std::error_code e) {
  return error_response_of(e);
}

}  // namespace emostream::engineio

namespace std {
template <>
struct is_error_code_enum<emostream::engineio::error> : true_type {};
}  // namespace std

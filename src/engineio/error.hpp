#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace emostream::engineio {

/// Why a request, a packet or a payload is refused.
enum class error {
  unknown_transport = 1,  ///< `transport` is neither polling nor websocket
  unknown_session,        ///< no session has that `sid`
  bad_handshake_method,   ///< a session is opened with GET
  bad_request,            ///< the request does not fit the session or its transport
  forbidden,              ///< the origin is not welcome
  unsupported_protocol,   ///< `EIO` is not 4, nor 3 where that is allowed
  jsonp,                  ///< polling by scripts is not offered
  overlapping_request,    ///< a second GET or POST of one session at the same time
  octet_stream,           ///< Engine.IO 3's binary payloads, from a client of version 4
  invalid_packet,         ///< not a packet of Engine.IO
  too_many_packets,       ///< over options::max_received_packets
  payload_too_large,      ///< over options::max_http_buffer_size
};

const std::error_category& error_category();
std::error_code make_error_code(error e);

/// An HTTP answer that refuses, as the Node server words it.
struct error_response {
  int status;                ///< 400, 403 or 413
  int code;                  ///< of the protocol: 0 to 5
  std::string_view message;  ///< "Session ID unknown", …

  /// `{"code":N,"message":"…"}`; empty with 413
  [[nodiscard]] std::string json() const;
};

/// How that error is answered; one that the protocol has no code for is 3, `Bad request`.
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

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/request_head.hpp"
#include "base/result.hpp"
#include "engineio/codec.hpp"
#include "engineio/engineio_options.hpp"
#include "engineio/transport.hpp"

namespace emostream::engineio {

/// True if options::transports contains `t`.
bool is_enabled(transport t, const options& opts);

/// True for a request that would open a session: one without `sid`, or with an empty one.
bool opens_session(const request_head& head);

/// A request whose parameters are valid.
struct connection_request {
  engineio::transport transport;
  std::optional<std::string> sid;  ///< nullopt opens a new session
};

/// Parses `transport`, `sid` and `j`, and checks a request that opens a session except for its version.
/// `upgrade`: the request asks for a WebSocket. Errors: see error.hpp.
///
/// A request with several faults gets the error code that it gets from the Node.js server, if the caller
/// checks the rest in the same order: with `sid`, first that the session exists, then that the request is for
/// the session's transport, or an upgrade to a WebSocket; without `sid`, first allow_request, then
/// parse_codec(). Two cases differ: for a WebSocket request with `transport=polling`, the Node.js server
/// opens a WebSocket and closes it immediately; and it uses the last of repeated parameters, this one the
/// first.
result<connection_request> parse_request(const request_head& head, bool upgrade, const options& opts);

/// Parses `EIO` and `b64`: the codec of the new session, or of the WebSocket to which a session is upgraded.
/// Error: error::unsupported_protocol.
result<codec> parse_codec(const request_head& head, const options& opts);

/// A new unguessable session id: 20 characters of base64url (120 random bits). Throws std::runtime_error if
/// the random generator fails.
std::string make_session_id();

/// True for 1 to 64 characters that need no encoding in a URL: letters, digits and `-._~` (RFC 3986 section
/// 2.3).
bool is_valid_session_id(std::string_view id);

/// The JSON content of the open packet.
std::string handshake_json(std::string_view sid, transport first, const options& opts);

}  // namespace emostream::engineio

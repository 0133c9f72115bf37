#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/request_head.hpp"
#include "base/result.hpp"
#include "engineio/codec.hpp"
#include "engineio/engineio_options.hpp"

namespace emostream::engineio {

enum class transport { polling, websocket };

/// The Engine.IO parameters of a request.
struct connection_request {
  engineio::transport transport;
  engineio::codec codec{};  ///< for the new session, or for the transport that a session is upgraded to
  std::optional<std::string> sid;  ///< nullopt opens a new session
};

/// Parses `EIO`, `transport`, `sid`, `b64` and `j`. `upgrade`: the request asks for a WebSocket. Errors: see
/// error.hpp. Does not check whether the session exists.
result<connection_request> parse_request(const request_head& head, bool upgrade, const options& opts);

/// A new unguessable session id: 20 characters of base64url (120 random bits). Throws std::runtime_error if
/// the random generator fails.
std::string make_session_id();

/// The JSON content of the open packet.
std::string handshake_json(std::string_view sid, transport first, const options& opts);

}  // namespace emostream::engineio

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

/// What a request to an Engine.IO path asks for.
struct connection_request {
  engineio::transport transport;
  engineio::codec codec{};         ///< of a new session, or of the transport that one is upgraded to
  std::optional<std::string> sid;  ///< none: a new session
};

/// Reads `EIO`, `transport`, `sid` and `b64`, in the order of the Node server's checks. `upgrade` says that
/// the request asks for a WebSocket. Errors as in error.hpp; whether the session exists is for the caller to
/// know.
result<connection_request> parse_request(const request_head& head, bool upgrade, const options& opts);

/// An unguessable session id: 120 random bits in 20 letters that fit an URL. Throws std::runtime_error if the
/// system has no randomness.
std::string make_session_id();

/// The text of the open packet.
std::string handshake_json(std::string_view sid, transport first, const options& opts);

}  // namespace emostream::engineio

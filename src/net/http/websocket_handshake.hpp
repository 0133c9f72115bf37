#pragma once

#include <optional>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"

namespace emostream::net {

/// The response to a WebSocket handshake whose version is not 13, or whose key does not have 24 characters
/// (RFC 6455 section 4.2.1); nullopt for others. request_reader::is_upgrade() checks the rest.
std::optional<http_response> check_handshake(const request_head& head);

}  // namespace emostream::net

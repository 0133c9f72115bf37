#pragma once

#include <optional>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"

namespace emostream::net {

/// The response that rejects a WebSocket handshake that violates RFC 6455 section 4.2.1; nullopt if it is
/// valid.
std::optional<http_response> reject_handshake(const request_head& head);

}  // namespace emostream::net

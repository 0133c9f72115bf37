#pragma once

#include <optional>

#include "base/request_head.hpp"
#include "net/http/http_message.hpp"

namespace emostream::net {

/// The response that rejects a WebSocket request which does not fulfil RFC 6455 section 4.2.1; nullopt if it
/// does.
std::optional<http_response> reject_handshake(const request_head& head);

}  // namespace emostream::net

#pragma once

#include <optional>
#include <vector>

#include "net/websocket/message_compression.hpp"
#include "net/websocket/permessage_deflate.hpp"

namespace emostream::net {

/// What the WebSocket connections of one server share.
struct websocket_context {
  std::optional<message_compression> compression{};  ///< nullopt: no compression
  shared_deflate deflate{};
  /// The receive buffer of all connections: each processes its bytes, or copies those
  /// that are left, before the next one receives.
  std::vector<char> receive_buffer = std::vector<char>(256 * 1024);
};

}  // namespace emostream::net

#pragma once

#include <string_view>

namespace emostream::engineio {

/// Why an Engine.IO session was closed; the texts are those of the Node.js server.
enum class close_reason {
  transport_error,
  transport_close,  ///< the client closed its WebSocket
  forced_close,     ///< the client sent a close packet
  ping_timeout,
  parse_error,
  server_shutting_down,
  forced_server_close,  ///< closed by the server
};

/// "transport error", "ping timeout", …
std::string_view to_string(close_reason reason);

}  // namespace emostream::engineio

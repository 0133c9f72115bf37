#pragma once

namespace emostream::engineio {

/// How packets are carried: in HTTP requests and responses, or as WebSocket messages.
enum class transport : char { polling, websocket };

}  // namespace emostream::engineio

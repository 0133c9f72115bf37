#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.hpp"
#include "engineio/transport.hpp"

namespace emostream::engineio {

/// Options of an Engine.IO server. Defaults are those of the Node.js server for the options that it has.
struct options {
  milliseconds ping_interval{25'000};  ///< from the opening or a pong to the next ping
  /// How long to wait for the pong, or for an overdue Engine.IO 3 ping, before closing the session.
  milliseconds ping_timeout{20'000};
  milliseconds upgrade_timeout{10'000};  ///< from the WebSocket request to its upgrade packet
  milliseconds close_timeout{30'000};    ///< how long a closing session waits for the client to take packets

  /// Maximum size of a POST body and of a WebSocket message, in bytes; sent to clients as `maxPayload`.
  std::size_t max_http_buffer_size = 1'000'000;
  /// Maximum number of packets in a POST body.
  std::size_t max_received_packets = 10'000;
  /// Maximum number of packets in the response to a poll request; the rest is sent with the next poll. Python
  /// clients reject more than 16.
  std::size_t max_polled_packets = 16;
  /// Maximum number of bytes buffered for a client that does not read (binary messages are counted as they
  /// are before base64); above it the session is closed with `transport error`.
  std::size_t max_buffered_bytes = 8'000'000;

  /// The transports that clients may use. A request for another one is rejected as `Transport unknown`.
  std::vector<transport> transports = {transport::polling, transport::websocket};
  bool allow_upgrades = true;  ///< from polling to WebSocket
  bool allow_eio3 = false;     ///< also accept Engine.IO 3 clients, which Socket.IO 2 uses
};

}  // namespace emostream::engineio

#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace emostream::engineio {

/// What a server may tune; the defaults are those of the Node server. The bounds below them are ours.
struct options {
  milliseconds ping_interval{25'000};    ///< between two pings
  milliseconds ping_timeout{20'000};     ///< for the pong, then the session closes
  milliseconds upgrade_timeout{10'000};  ///< from the probe to the upgrade packet
  milliseconds close_timeout{30'000};    ///< for a polling client to fetch the close packet

  /// Bytes of one POST body and of one WebSocket message at most; clients see it as `maxPayload`.
  std::size_t max_http_buffer_size = 1'000'000;
  /// Packets in one POST body at most.
  std::size_t max_received_packets = 10'000;
  /// Packets in one poll answer at most; the rest waits for the next poll. Python clients refuse more
  /// than 16.
  std::size_t max_polled_packets = 16;
  /// Bytes waiting for a client that does not read, at most; beyond, the session closes with `transport
  /// error`.
  std::size_t max_buffered_bytes = 8'000'000;

  bool allow_upgrades = true;  ///< from polling to WebSocket
  bool allow_eio3 = false;     ///< clients of Engine.IO 3 too, which those of Socket.IO 2 and older are
};

}  // namespace emostream::engineio

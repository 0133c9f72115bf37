#pragma once

#include <cstddef>
#include <cstdint>

namespace emostream::net {

/// Counters and gauges of an http_server.
struct http_stats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over max_connections or max_connections_per_address
  std::size_t connections_open = 0;
  std::uint64_t address_refusals = 0;  ///< connections over max_connections_per_address
  std::size_t buffered_bytes = 0;      ///< see options::max_buffered_bytes
  std::uint64_t memory_refusals = 0;   ///< connections closed and requests rejected over max_buffered_bytes
  std::uint64_t slow_clients_closed = 0;  ///< after write_timeout
  std::uint64_t tls_handshakes_failed = 0;
  std::uint64_t http_requests = 0;
  std::uint64_t http_errors = 0;  ///< responses with 4xx or 5xx
};

}  // namespace emostream::net

#pragma once

#include "net/http/http_stats.hpp"
#include "server/engineio/engineio_server.hpp"

namespace emostream::server {

/// Counters and gauges of a server: those of HTTP and those of Engine.IO. `slow_clients_closed` includes
/// `slow_sessions_closed`, and `address_refusals` includes `session_address_refusals`.
struct server_stats : net::http_stats, engineio_stats {
  static server_stats of(const net::http_stats& http, const engineio_stats& engine) {
    server_stats all{http, engine};
    all.slow_clients_closed += engine.slow_sessions_closed;
    all.address_refusals += engine.session_address_refusals;
    return all;
  }
};

}  // namespace emostream::server

#pragma once

#include <utility>
#include <vector>

#include "engineio/packet.hpp"
#include "net/address.hpp"
#include "net/http/content_coding.hpp"
#include "net/rejection_log.hpp"
#include "server/engineio/engineio_server.hpp"

namespace emostream::server {

class engineio_endpoint;

/// The state that the endpoints and sessions of one engineio_server share.
struct engineio_context {
  engineio_context(net::http_server& h, engineio_server_options o)
      : http(h), opts(std::move(o)), sessions_by_address(h.settings().max_connections_per_address) {}

  net::http_server& http;
  engineio_server_options opts;
  engineio_stats stats;
  net::address_counter sessions_by_address;
  net::response_encoder encoder;
  net::rejection_log rejections;
  bool rejecting_sessions = false;
  std::vector<const engineio_endpoint*> endpoints;
  std::vector<engineio::packet> taken_packets;  ///< scratch buffer, empty between calls
};

}  // namespace emostream::server

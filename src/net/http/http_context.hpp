#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/request_head.hpp"
#include "net/address.hpp"
#include "net/asio.hpp"
#include "net/connection_slot.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/http_options.hpp"
#include "net/http/http_stats.hpp"
#include "net/http/request_plan.hpp"
#include "net/memory_budget.hpp"
#include "net/poller.hpp"
#include "net/rejection_log.hpp"
#include "net/tls.hpp"
#include "net/turn_queue.hpp"
#include "net/websocket/websocket_context.hpp"

namespace emostream::net {

class http_connection;

/// The state that the connections of one http_server share. Members are destroyed in reverse order: the
/// poller and the io_context, and with them the connections, before everything that they use.
struct http_context {
  explicit http_context(options o)
      : opts(std::move(o)),
        proxies(opts.trusted_proxies, opts.proxy_headers),
        connections_by_address(opts.max_connections_per_address),
        memory(opts.max_buffered_bytes),
        websockets{.compression = opts.per_message_deflate} {}

  options opts;
  http_stats stats;                ///< without the counters in `connections`
  std::optional<tls_context> tls;  ///< for new connections; nullopt: no TLS
  trusted_proxies proxies;
  connection_counts connections;
  address_counter connections_by_address;  ///< by the peer's address
  memory_budget memory;
  std::size_t rejecting = 0;  ///< connections that exist only to send a rejection
  /// Connections over max_connections that may request a reserved path, oldest first.
  std::vector<std::weak_ptr<http_connection>> reserved;
  std::size_t reserved_open = 0;  ///< how many of `connections.open` these are
  rejection_log rejections;
  websocket_context websockets;
  bool accepting = false;
  bool draining = false;
  bool torn_down = false;  ///< the server is being destroyed: start nothing new
  std::unordered_set<http_connection*> http_connections;

  struct dispatched {
    request_plan plan;
    std::string header_lines;  ///< added to the response
  };
  std::function<dispatched(request_head head, bool upgrade)> dispatch;

  // One thread runs it, so sockets need no locks; the scheduler needs its lock, because any thread may
  // post().
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  turn_queue turns{io.get_executor()};
  poller websocket_poller{io, turns};  ///< waits for WebSockets without TLS, from their upgrade request on
};

}  // namespace emostream::net

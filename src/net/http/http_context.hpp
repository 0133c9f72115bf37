#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/request_head.hpp"
#include "base/throttle.hpp"
#include "net/address.hpp"
#include "net/asio.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/http_server.hpp"
#include "net/http/request_plan.hpp"
#include "net/poller.hpp"
#include "net/tls.hpp"
#include "net/websocket/permessage_deflate.hpp"

namespace emostream::net {

class http_connection;

/// What the connections of one http_server share. Outlives them all: its io_context is the first of what they
/// touch to be destroyed, and destroys them.
struct context {
  explicit context(options o)
      : opts(std::move(o)),
        proxies(opts.trusted_proxies, opts.proxy_headers),
        connections_of(opts.max_connections_per_address),
        sessions_of(opts.max_connections_per_address) {}

  options opts;
  server_stats stats;
  std::optional<tls_context> tls;  ///< what new connections are made with; null: plain
  trusted_proxies proxies;
  address_counter connections_of;  ///< by the peer's address
  address_counter sessions_of;     ///< by the client's
  std::size_t turning_away = 0;    ///< connections that exist to be told why
  answer_encoder encoder;
  shared_deflate deflate;
  bool accepting = false;
  bool refusing_sessions = false;
  bool draining = false;
  bool torn_down = false;  ///< the server is being destroyed: start nothing
  std::unordered_set<http_connection*> http_connections;

  /// Logs that something was refused to a client, about once a second for each reason: a flood of them is not
  /// to be one of lines.
  void log_refusal(std::string_view event, std::string_view reason, std::string_view address);
  std::map<std::string_view, throttle> refusals;  ///< by reason; their words are constants

  struct dispatched {
    request_plan what;
    std::string header_lines;  ///< to be added to the answer
  };
  std::function<dispatched(request_head head, bool upgrade)> dispatch;
  /// Called whenever a connection or session is gone.
  std::function<void()> on_gone = [] {};

  /// Where WebSockets receive, one after another: each has read it all before the next one receives.
  std::vector<char> received = std::vector<char>(256 * 1024);

  // One thread runs it, so the sockets need no locks; post() from other threads needs the scheduler's.
  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  /// Of WebSockets, after their handshake.
  poller sockets{io};
};

/// Counts one accepted connection from the accept to its end, whatever protocol it changes to.
class connection_slot {
 public:
  connection_slot(context& c, address_counter::slot of_address)
      : context_(&c), of_address_(std::move(of_address)) {
    ++c.stats.connections_accepted;
    ++c.stats.connections_open;
  }
  connection_slot(connection_slot&& other) noexcept
      : context_(std::exchange(other.context_, nullptr)), of_address_(std::move(other.of_address_)) {}
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot() {
    if (!context_) return;
    --context_->stats.connections_open;
    context_->on_gone();
  }

 private:
  context* context_;
  address_counter::slot of_address_;
};

}  // namespace emostream::net

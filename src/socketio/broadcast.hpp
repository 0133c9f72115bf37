#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/json/value.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

struct remote_socket;
class server_namespace;

/// Selects sockets of a namespace and says how to send to them.
struct selection {
  std::vector<std::string> rooms;   ///< sockets in any of these rooms; empty selects all sockets
  std::vector<std::string> except;  ///< excludes sockets in any of these rooms
  bool local = false;               ///< only sockets of this server
  bool is_volatile = false;         ///< skip sockets that still have buffered data
  bool compress = true;             ///< transports may compress the event
};

/// Receives the acknowledgements, and an error such as error::ack_timeout if some are missing.
using responses_handler = std::function<void(std::error_code, std::vector<arguments>)>;

/// An operation on several sockets of a namespace: a chain of modifiers, then an action. A value type that
/// must not be used after the namespace is destroyed; I/O thread only.
///
///     nsp.to("a").to("b").except("c").emit("news", {{"headline", "…"}});
///
/// A socket in several of the rooms receives the event once. An event is encoded once for each name of the
/// namespace that its receivers use, so not at all if there are none.
class broadcast {
 public:
  /// Selects all sockets of `nsp`.
  explicit broadcast(server_namespace& nsp) : nsp_(&nsp) {}

  /// Adds the sockets in the room (or the socket with that id). If never called, all sockets are selected.
  broadcast& to(std::string room) &;
  broadcast to(std::string room) &&;
  /// Same as to().
  broadcast& in(std::string room) & { return to(std::move(room)); }
  broadcast in(std::string room) && { return std::move(to(std::move(room))); }
  /// Excludes the sockets in the room.
  broadcast& except(std::string room) &;
  broadcast except(std::string room) &&;
  /// Selects only sockets of this server.
  broadcast& local() &;
  broadcast local() &&;
  /// Skips clients that still have buffered data; use for quickly outdated state.
  broadcast& volatile_() &;
  broadcast volatile_() &&;
  /// Whether transports may compress the event.
  broadcast& compress(bool allowed) &;
  broadcast compress(bool allowed) &&;
  /// How long to wait for acknowledgements; default_timeout if not called.
  broadcast& timeout(milliseconds limit) &;
  broadcast timeout(milliseconds limit) &&;

  static constexpr milliseconds default_timeout{5000};

  void emit(std::string_view name, boost::json::value argument) const;
  void emit(std::string_view name, const arguments& args) const;
  /// Requests an acknowledgement from each socket; calls `done` once, when all have answered or the timeout
  /// expires.
  void emit(std::string_view name, const arguments& args, responses_handler done) const;

  /// Passes the selected sockets of all servers to `done`. With a single server, `done` runs before this
  /// returns.
  void fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) const;
  void sockets_join(const std::vector<std::string>& rooms) const;
  void sockets_leave(const std::vector<std::string>& rooms) const;
  /// See socket::disconnect().
  void disconnect_sockets(bool close = false) const;

 private:
  server_namespace* nsp_;
  selection selection_;
  milliseconds timeout_ = default_timeout;
};

}  // namespace emostream::socketio

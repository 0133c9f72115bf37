#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

struct remote_socket;
class server_namespace;

/// Which sockets of a namespace something is for, and how it reaches them.
struct selection {
  std::vector<std::string> rooms;   ///< in any of these; empty: all sockets
  std::vector<std::string> except;  ///< and in none of these
  bool local = false;               ///< of this server only
  bool is_volatile = false;         ///< not to who still has earlier bytes to take
  bool compress = true;             ///< may be compressed on the way
};

/// Gets the answers that came, and error::ack_timeout or error::disconnected if some did not.
using responses_handler = std::function<void(std::error_code, std::vector<arguments>)>;

/// Several sockets of a namespace: say which and how, then what to do with them. A value, not to be used
/// when the namespace is gone; I/O thread only.
///
///     nsp.to("a").to("b").except("c").emit("news", {{"headline", "…"}});
///
/// A socket in several of the rooms counts once. An event is encoded once, and not at all if nobody is there.
class broadcast {
 public:
  /// Also to the sockets in that room (or the one of that id); without any: to all.
  broadcast& to(std::string room) &;
  broadcast to(std::string room) &&;
  /// The same, where it reads better.
  broadcast& in(std::string room) & { return to(std::move(room)); }
  broadcast in(std::string room) && { return std::move(to(std::move(room))); }
  /// But not to those in that room.
  broadcast& except(std::string room) &;
  broadcast except(std::string room) &&;
  /// Only to the sockets of this server.
  broadcast& local() &;
  broadcast local() &&;
  /// Only to clients that have taken all that was sent before: for what is soon out of date.
  broadcast& volatile_() &;
  broadcast volatile_() &&;
  /// Whether transports that can may compress it.
  broadcast& compress(bool allowed) &;
  broadcast compress(bool allowed) &&;
  /// How long to wait for answers; else default_timeout.
  broadcast& timeout(milliseconds limit) &;
  broadcast timeout(milliseconds limit) &&;

  static constexpr milliseconds default_timeout{5000};

  void emit(std::string_view name, boost::json::value argument) const;
  void emit(std::string_view name, const arguments& args) const;
  /// Asks each for an acknowledgement; `done` hears once, when all have answered or nobody else will.
  void emit(std::string_view name, const arguments& args, responses_handler done) const;

  /// Tells `done` of the sockets, those of other servers too; one server alone does so before this returns.
  void fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) const;
  void sockets_join(const std::vector<std::string>& rooms) const;
  void sockets_leave(const std::vector<std::string>& rooms) const;
  /// See socket::disconnect().
  void disconnect_sockets(bool close = false) const;

 private:
  friend class server_namespace;
  friend class socket;
  explicit broadcast(server_namespace& nsp) : nsp_(&nsp) {}

  server_namespace* nsp_;
  selection selection_;
  milliseconds timeout_ = default_timeout;
};

}  // namespace emostream::socketio

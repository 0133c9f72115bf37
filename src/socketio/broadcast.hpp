#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"
#include "socketio/room_names.hpp"

namespace emostream::socketio {

struct remote_socket;
class server_namespace;

/// Selects sockets of a namespace and says how to send to them.
struct selection {
  std::vector<std::string> rooms;   ///< sockets in any of these rooms; empty selects all sockets
  std::vector<std::string> except;  ///< excludes sockets in any of these rooms
  bool local = false;               ///< only sockets of this server
  bool is_volatile = false;         ///< skip sockets whose client cannot take the event immediately
  bool compress = true;             ///< transports may compress the event
};

/// Receives the acknowledgements, and an error such as error::ack_timeout if some are missing.
using responses_handler = std::function<void(std::error_code, std::vector<arguments>)>;

/// An operation on several sockets of a namespace: a chain of modifiers, then an action. A value type that
/// must not be used after the namespace is destroyed; I/O thread only.
///
///     nsp.to("a").to({"b", "c"}).except("d").emit("news", {{"headline", "…"}});
///
/// A modifier returns a new object and does not change the one that it is called on, so a broadcast can be
/// kept and used repeatedly. A socket in several of the rooms receives the event once. An event is encoded
/// once for each name of the namespace that its receivers use, so not at all if there are none.
class broadcast {
 public:
  /// Selects all sockets of `nsp`.
  explicit broadcast(server_namespace& nsp) : nsp_(&nsp) {}

  /// Adds the sockets in the rooms (or the socket with that id). If no room is ever added, all sockets are
  /// selected.
  [[nodiscard]] broadcast to(room_names rooms) const& { return broadcast(*this).to(std::move(rooms)); }
  [[nodiscard]] broadcast to(room_names rooms) &&;
  /// Same as to().
  [[nodiscard]] broadcast in(room_names rooms) const& { return to(std::move(rooms)); }
  [[nodiscard]] broadcast in(room_names rooms) && { return std::move(*this).to(std::move(rooms)); }
  /// Excludes the sockets in any of the rooms.
  [[nodiscard]] broadcast except(room_names rooms) const& {
    return broadcast(*this).except(std::move(rooms));
  }
  [[nodiscard]] broadcast except(room_names rooms) &&;
  /// Selects only sockets of this server.
  [[nodiscard]] broadcast local() const& { return broadcast(*this).local(); }
  [[nodiscard]] broadcast local() &&;
  /// Skips clients that cannot take the event immediately, see socket::writable(); use for quickly outdated
  /// state.
  [[nodiscard]] broadcast volatile_() const& { return broadcast(*this).volatile_(); }
  [[nodiscard]] broadcast volatile_() &&;
  /// Whether transports may compress the event.
  [[nodiscard]] broadcast compress(bool allowed) const& { return broadcast(*this).compress(allowed); }
  [[nodiscard]] broadcast compress(bool allowed) &&;
  /// How long to wait for acknowledgements; default_timeout if not called.
  [[nodiscard]] broadcast timeout(milliseconds limit) const& { return broadcast(*this).timeout(limit); }
  [[nodiscard]] broadcast timeout(milliseconds limit) &&;

  static constexpr milliseconds default_timeout{5000};

  /// Sends an event; see socket::emit() for the exceptions.
  void emit(std::string_view name, const arguments& args = {}) const;
  template <class... Values>
  requires several_arguments<Values...>
  void emit(std::string_view name, Values&&... values) const {
    emit(name, arguments::of(std::forward<Values>(values)...));
  }
  /// Requests an acknowledgement from each socket; calls `done` once, when all have answered or the timeout
  /// expires.
  template <handler_of<responses_handler> Handler>
  void emit(std::string_view name, const arguments& args, Handler done) const {
    request_acks(name, args, std::move(done));
  }
  template <handler_of<responses_handler> Handler>
  void emit(std::string_view name, Handler done) const {
    emit(name, arguments(), std::move(done));
  }
  /// Sends the event "message".
  void send(const arguments& args = {}) const { emit("message", args); }
  template <class... Values>
  requires several_arguments<Values...>
  void send(Values&&... values) const { emit("message", std::forward<Values>(values)...); }

  /// Passes the selected sockets of all servers to `done`. With a single server, `done` runs before this
  /// returns.
  void fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) const;
  void sockets_join(const room_names& rooms) const;
  void sockets_leave(const room_names& rooms) const;
  /// See socket::disconnect().
  void disconnect_sockets(bool close = false) const;

 private:
  void request_acks(std::string_view name, const arguments& args, responses_handler done) const;

  server_namespace* nsp_;
  selection selection_;
  milliseconds timeout_ = default_timeout;
};

}  // namespace emostream::socketio

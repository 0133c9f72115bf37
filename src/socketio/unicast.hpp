#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/event.hpp"
#include "socketio/room_names.hpp"
#include "socketio/socket.hpp"

namespace emostream::socketio {

/// Sends to one socket with modifiers, as broadcast does to several. A value type; each modifier returns a
/// new object. I/O thread only.
///
///     socket->timeout(milliseconds(2000)).emit("ask", "ready?", [](const result<arguments>& answer) { … });
class unicast {
 public:
  explicit unicast(std::shared_ptr<socket> receiver) : receiver_(std::move(receiver)) {}

  /// Drops the event if the client cannot take it immediately, see socket::writable(). The acknowledgement of
  /// a dropped event times out.
  [[nodiscard]] unicast volatile_() const;
  /// Whether transports may compress the event.
  [[nodiscard]] unicast compress(bool allowed) const;
  /// How long to wait for the acknowledgement; socket::default_timeout if not called.
  [[nodiscard]] unicast timeout(milliseconds limit) const;

  /// Broadcasts with these modifiers that exclude the socket, as those of socket.
  [[nodiscard]] broadcast to(room_names rooms) const { return others().to(std::move(rooms)); }
  [[nodiscard]] broadcast in(room_names rooms) const { return to(std::move(rooms)); }
  [[nodiscard]] broadcast except(room_names rooms) const { return others().except(std::move(rooms)); }
  [[nodiscard]] broadcast local() const { return others().local(); }
  [[nodiscard]] broadcast others() const;

  /// See socket::emit().
  void emit(std::string_view name, const arguments& args = {}) const;
  template <class... Values>
  requires several_arguments<Values...>
  void emit(std::string_view name, Values&&... values) const {
    emit(name, arguments::of(std::forward<Values>(values)...));
  }
  template <handler_of<socket::ack_handler> Handler>
  void emit(std::string_view name, const arguments& args, Handler handler) const {
    request_ack(name, args, std::move(handler));
  }
  template <handler_of<socket::ack_handler> Handler>
  void emit(std::string_view name, Handler handler) const {
    emit(name, arguments(), std::move(handler));
  }
  /// Sends the event "message".
  void send(const arguments& args = {}) const { emit("message", args); }
  template <class... Values>
  requires several_arguments<Values...>
  void send(Values&&... values) const { emit("message", std::forward<Values>(values)...); }

 private:
  void request_ack(std::string_view name, const arguments& args, socket::ack_handler handler) const;

  std::shared_ptr<socket> receiver_;
  socket::send_flags flags_;
  milliseconds timeout_ = socket::default_timeout;
};

}  // namespace emostream::socketio

#pragma once

#include <any>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/request.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

class broadcast;
class client;
class server_namespace;

/// What a client brought when it connected to a namespace.
struct handshake {
  request_head request;      ///< of the Engine.IO session
  boost::json::object auth;  ///< the CONNECT packet's payload, {} if none
  wall_clock::time_point time;
};

/// Why a socket was disconnected, in the words of the Node server ("transport close", …).
using disconnect_reason = std::string_view;

/// A client's connection to one namespace. Lives on the I/O thread; shared_ptr keeps the object, not the
/// connection: after the disconnect, calls have no effect.
class socket : public std::enable_shared_from_this<socket> {
 public:
  using event_handler = std::function<void(event&)>;
  using disconnect_handler = std::function<void(disconnect_reason)>;
  using ack_handler = std::function<void(result<arguments>)>;

  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] const socketio::handshake& handshake() const;
  [[nodiscard]] bool connected() const;

  /// Calls `handler` for every event of that name; a name has one handler.
  void on(std::string name, event_handler handler);
  /// Calls `handler` for every event that on() has no handler for.
  void on_any(event_handler handler);
  void on_disconnect(disconnect_handler handler);

  void emit(std::string_view name, boost::json::value argument);
  void emit(std::string_view name, arguments args);
  /// Asks for an acknowledgement; `handler` gets it, or error::ack_timeout, or error::disconnected.
  void emit(std::string_view name, arguments args, milliseconds timeout, ack_handler handler);

  void join(std::string room);
  void leave(std::string_view room);
  /// The rooms it is in; its own id is always one of them.
  [[nodiscard]] const std::set<std::string, std::less<>>& rooms() const;
  /// A broadcast to that room, without this socket.
  [[nodiscard]] broadcast to(std::string room);

  /// Leaves the namespace ("server namespace disconnect"); `close` also ends the whole connection.
  void disconnect(bool close = false);

  /// Whatever the application keeps for this connection.
  std::any data;
};

}  // namespace emostream::socketio

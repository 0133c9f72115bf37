#pragma once

#include <any>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"
#include "socketio/internal.hpp"
#include "socketio/listeners.hpp"
#include "socketio/middleware.hpp"
#include "socketio/packet.hpp"
#include "socketio/parser.hpp"
#include "socketio/room_names.hpp"
#include "socketio/timer_queue.hpp"
#include "socketio/typed_arguments.hpp"

namespace emostream::socketio {

class broadcast;
class client;
class server_namespace;
class unicast;
struct lost_session;

/// What a client sent when it connected to a namespace.
struct handshake {
  shared_request request;    ///< the request that opened the Engine.IO session; never null
  boost::json::object auth;  ///< the CONNECT packet's payload; empty if there was none
  wall_clock::time_point time;
};

/// Why a socket was disconnected; the texts are those of the Node.js server ("transport close", …).
using disconnect_reason = std::string_view;

/// A new unguessable id: 20 characters of base64url (120 random bits).
std::string make_socket_id();

/// A client's connection to one namespace. I/O thread only. A shared_ptr keeps the object alive, not the
/// connection: after the disconnection, calls have no effect (handlers that are added then are discarded),
/// except that emit() stores events for a client that may still recover (see recovery_options). Exceptions
/// thrown by handlers are logged and ignored.
class socket : public std::enable_shared_from_this<socket> {
 public:
  using event_handler = listeners::handler;
  using event_observer = listeners::observer;
  using error_handler = std::function<void(const middleware_error&)>;
  using disconnect_handler = std::function<void(disconnect_reason)>;
  using ack_handler = std::function<void(result<arguments>)>;

  socket(client& owner, std::shared_ptr<server_namespace> nsp, std::string namespace_name, std::string id,
         socketio::handshake handshake);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// The result of make_socket_id(); for Socket.IO 2 clients, the id that the client derives.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const socketio::handshake& handshake() const { return handshake_; }
  [[nodiscard]] bool connected() const { return state_ == state::connected; }
  [[nodiscard]] server_namespace& nsp() const { return *namespace_; }
  /// The namespace's name as the client requested it: nsp().name() or an alias.
  [[nodiscard]] const std::string& namespace_name() const { return namespace_name_; }

  /// True if this socket was restored after a temporary disconnection (connection state recovery): it has the
  /// same id, rooms and data, and is sent the missed events. See recovery_options.
  [[nodiscard]] bool recovered() const { return recovery_ && recovery_->recovered; }

  /// Adds a handler for the events with this name. Handlers run in the order of on(); each gets the event as
  /// the previous ones left it.
  listener on(std::string name, event_handler handler);
  /// Adds a handler for the next event with this name only.
  listener once(std::string name, event_handler handler);
  /// Adds a handler that gets the event's first arguments as values of these types:
  ///
  ///     socket->on<std::string, int>("move", [](const std::string& piece, int field, event&) { … });
  ///
  /// They are converted by boost::json::value_to(), which applications extend with tag_invoke(). If the
  /// arguments cannot be converted, the handlers of on_error() are called instead of this one; other handlers
  /// of the event run. Binary data is in event::args, see arguments::attachment().
  template <class First, class... More, std::invocable<First, More..., event&> Handler>
  listener on(std::string name, Handler handler) {
    return on(std::move(name), [this, handler = std::move(handler)](event& e) mutable {
      if (auto values = convert_arguments<First, More...>(e.args))
        std::apply([&](auto&... value) { handler(std::move(value)..., e); }, *values);
      else
        notify_rejected({"Invalid arguments", {{"event", e.name}}});
    });
  }
  /// Removes all handlers for this name, or the handler or observer that was added as `which`.
  void off(std::string_view name) { listeners_.off(name); }
  void off(listener which) { listeners_.off(which); }
  /// Sets the one handler for events whose name has no handler.
  void on_unhandled(event_handler handler);
  /// Adds an observer that is called for every received event that the middlewares accept, before its
  /// handlers.
  listener on_any(event_observer observer);
  /// The same, before the other observers.
  listener prepend_any(event_observer observer);
  void off_any() { listeners_.off_any(); }
  /// Adds an observer that is called for every event sent to this socket, including broadcasts but not
  /// acknowledgements and the missed events of a recovery.
  listener on_any_outgoing(event_observer observer);
  listener prepend_any_outgoing(event_observer observer);
  void off_any_outgoing() { listeners_.off_any_outgoing(); }

  /// Adds a middleware, which is called for each received event before its observers and handlers, in the
  /// order of use(). One that throws rejects the event.
  void use(event_middleware step);
  /// Adds a handler for events that a middleware or the conversion of their arguments rejects.
  void on_error(error_handler handler);
  /// Adds a handler that is called once, when a connected socket is disconnected. rooms() is still valid
  /// then.
  void on_disconnect(disconnect_handler handler);

  /// Sends an event; struct arguments describes the parameters. Throws std::invalid_argument for a reserved
  /// name (`connect`, `connect_error`, `disconnect`, `disconnecting`, `newListener`, `removeListener`) and
  /// for more than max_encoded_attachments attachments, as do the other methods that send. Text that is not
  /// UTF-8 is sent with U+FFFD in place of what is ill-formed.
  void emit(std::string_view name, const arguments& args = {});
  template <class... Values>
  requires several_arguments<Values...>
  void emit(std::string_view name, Values&&... values) {
    emit(name, arguments::of(std::forward<Values>(values)...));
  }
  /// Requests an acknowledgement within `timeout`. `handler` is called once, with the acknowledgement or
  /// error::ack_timeout, error::disconnected or error::too_many_pending_acks. The last two may be reported
  /// before emit() returns.
  void emit(std::string_view name, const arguments& args, milliseconds timeout, ack_handler handler);
  /// The same within default_timeout.
  template <handler_of<ack_handler> Handler>
  void emit(std::string_view name, const arguments& args, Handler handler) {
    emit(name, args, default_timeout, ack_handler(std::move(handler)));
  }
  template <handler_of<ack_handler> Handler>
  void emit(std::string_view name, Handler handler) {
    emit(name, arguments(), std::move(handler));
  }
  static constexpr milliseconds default_timeout{5000};
  /// Sends the event "message".
  void send(const arguments& args = {}) { emit("message", args); }
  template <class... Values>
  requires several_arguments<Values...>
  void send(Values&&... values) { emit("message", std::forward<Values>(values)...); }

  /// Modifiers of one event to this socket; see unicast.
  [[nodiscard]] unicast volatile_();
  [[nodiscard]] unicast compress(bool allowed);
  [[nodiscard]] unicast timeout(milliseconds limit);
  [[deprecated("use volatile_().emit()")]] void emit_volatile(std::string_view name, const arguments& args);

  /// Returns true if the socket is in all of these rooms now; false if it is disconnected, or could not join
  /// some of them because of options::max_rooms. A middleware may call it.
  bool join(room_names rooms);
  void leave(const room_names& rooms);
  /// The rooms that the socket is in, including its own id unless it has left that; empty after the
  /// disconnect handlers have run.
  [[nodiscard]] const std::set<std::string, std::less<>>& rooms() const { return rooms_; }

  /// Broadcasts that exclude this socket: to rooms, to all except rooms, to all on this server, to all.
  [[nodiscard]] broadcast to(room_names rooms);
  [[nodiscard]] broadcast in(room_names rooms);
  [[nodiscard]] broadcast except(room_names rooms);
  [[nodiscard]] broadcast local();
  [[nodiscard]] broadcast others();

  /// Leaves the namespace ("server namespace disconnect"); if `close`, also closes the client's connection.
  void disconnect(bool close = false);

  /// The client's current transport: "polling" or "websocket"; empty once it is disconnected.
  [[nodiscard]] std::string_view transport() const;
  /// Bytes buffered for the client, in all namespaces of its connection.
  [[nodiscard]] std::size_t buffered_bytes() const;
  /// Whether the client could take an event immediately: nothing is buffered for it and, if it is polling, a
  /// poll request is waiting. Otherwise volatile events are dropped.
  [[nodiscard]] bool writable() const;

  /// For adapters: sends an event that was encoded for namespace_name() as `packet`.
  void deliver(std::span<const message> packet, std::string_view name, const arguments& args);
  /// For adapters: registers `handler` for the acknowledgement `id`, as emit() does. Returns false if it
  /// called `handler` with an error immediately.
  bool expect_ack(std::uint64_t id, milliseconds timeout, ack_handler handler);

  /// Application data.
  std::any data;

  // Called by unicast.

  struct send_flags {
    bool is_volatile = false;  ///< drop the event unless writable()
    bool compress = true;
  };
  void emit(internal, std::string_view name, const arguments& args, send_flags flags);
  void request_ack(internal, std::string_view name, const arguments& args, send_flags flags,
                   milliseconds timeout, ack_handler handler);

  // Called by the client.

  /// Null once the socket is disconnected.
  [[nodiscard]] client* owner(internal) const { return client_; }
  /// Enables connection state recovery, restoring `session` if not null. Called before the middlewares run.
  void enable_recovery(internal, std::unique_ptr<lost_session> session);
  /// Completes the recovery after the middlewares have accepted the socket. Returns the packets that the
  /// client missed; nullopt if some of them were dropped meanwhile.
  [[nodiscard]] std::optional<std::vector<encoded_packet>> finish_recovery(internal);
  /// The secret with which the client can recover this socket; empty if it cannot.
  [[nodiscard]] std::string_view pid(internal) const;
  /// Adds the pending socket to its namespace.
  void set_connected(internal);
  void on_event(internal, packet p);
  void on_ack(internal, packet p);
  /// Ends the connection to the namespace: leaves the rooms, fails pending acknowledgements, calls the
  /// disconnect handlers.
  void on_disconnected(internal, disconnect_reason reason) { leave_namespace(reason); }
  /// Ends the connection without calling any handler.
  void abandon(internal);

 private:
  enum class state { pending, connected, disconnected };

  struct pending_ack {
    ack_handler handler;
    timer_queue::guard deadline;
  };

  /// State of connection state recovery.
  struct recovery_state {
    std::string pid;          ///< secret that identifies the client
    std::uint64_t since = 0;  ///< position of the first event in the log that may be for this socket
    bool recovered = false;
    std::unique_ptr<lost_session> claimed;  ///< the session that a pending socket is going to restore
  };

  void save_session();
  [[nodiscard]] encoded_packet encode(const outgoing_event& e, bool compress) const;
  void emit_recoverable(std::string_view name, const arguments& args, bool compress);
  bool join_room(std::string room);
  void leave_room(std::string_view room);
  /// Calls the handlers of on_error().
  void notify_rejected(const middleware_error& why) const;

  /// Runs the middlewares from `step` on, then the handlers.
  /// A received event, and the middlewares that were added before it.
  struct pending_event {
    event received;
    std::vector<std::shared_ptr<const event_middleware>> middlewares;
  };
  void run_middlewares(const std::shared_ptr<pending_event>& e, std::size_t step);
  void finish_ack(std::uint64_t id, result<arguments> answer);
  void send_ack(std::uint64_t id, const arguments& answer);
  void leave_namespace(disconnect_reason reason);
  /// Releases the client, the namespace, a claimed session and all handlers; returns the pending
  /// acknowledgements.
  std::map<std::uint64_t, pending_ack> detach();

  client* client_;  ///< null once disconnected
  std::shared_ptr<server_namespace> namespace_;
  std::string namespace_name_;
  std::string id_;
  socketio::handshake handshake_;
  state state_ = state::pending;
  std::set<std::string, std::less<>> rooms_;

  listeners listeners_;
  std::vector<std::shared_ptr<const event_middleware>> middlewares_;
  std::vector<error_handler> error_handlers_;
  std::vector<disconnect_handler> disconnect_handlers_;

  std::map<std::uint64_t, pending_ack> pending_acks_;
  std::unique_ptr<recovery_state> recovery_;  ///< null if disabled, and for Socket.IO 2 clients
};

}  // namespace emostream::socketio

#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "base/request_head.hpp"
#include "base/result.hpp"
#include "socketio/event.hpp"
#include "socketio/listeners.hpp"
#include "socketio/middleware.hpp"
#include "socketio/timer_queue.hpp"

namespace emostream::socketio {

class broadcast;
class client;
class server_namespace;
struct lost_session;
struct packet;

/// What a client brought when it connected to a namespace.
struct handshake {
  shared_request request;    ///< of the Engine.IO session; never null
  boost::json::object auth;  ///< the CONNECT packet's payload, {} if none
  wall_clock::time_point time;
};

/// Why a socket was disconnected, in the words of the Node server ("transport close", …).
using disconnect_reason = std::string_view;

/// An id that was never there: 20 letters of base64url, not to be guessed.
std::string make_socket_id();

/// A client's connection to one namespace. Lives on the I/O thread; shared_ptr keeps the object, not the
/// connection: after the disconnect, calls have no effect. What a handler throws is logged and goes no
/// further.
class socket : public std::enable_shared_from_this<socket> {
 public:
  using event_handler = listeners::handler;
  using event_observer = listeners::observer;
  using error_handler = std::function<void(const refusal&)>;
  using disconnect_handler = std::function<void(disconnect_reason)>;
  using ack_handler = std::function<void(result<arguments>)>;

  socket(client& owner, std::shared_ptr<server_namespace> nsp, std::string namespace_name, std::string id,
         socketio::handshake handshake);
  ~socket();
  socket(const socket&) = delete;
  socket& operator=(const socket&) = delete;

  /// 20 letters of base64url, not to be guessed; of a client of Socket.IO 2, what it calls itself.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const socketio::handshake& handshake() const { return handshake_; }
  [[nodiscard]] bool connected() const { return state_ == state::connected; }
  [[nodiscard]] server_namespace& nsp() const { return *namespace_; }
  /// The namespace's name as the client asked for it: nsp().name(), or an alias of it.
  [[nodiscard]] const std::string& namespace_name() const { return namespace_name_; }

  /// True if it goes on from a connection that the client had lost: with the same id, rooms and data; what
  /// was sent meanwhile is on its way. See recovery_options.
  [[nodiscard]] bool recovered() const { return recovery_ && recovery_->recovered; }

  /// Calls `handler` for every event of that name. A name may have several; they are called in order, each
  /// with what those before have left of the event.
  listener on(std::string name, event_handler handler);
  /// The same, for the next event of that name only.
  listener once(std::string name, event_handler handler);
  /// Takes away all handlers of that name, or the one handler or observer that was added as `which`.
  void off(std::string_view name) { listeners_.off(name); }
  void off(listener which) { listeners_.off(which); }
  /// Calls `handler` for every event that has no handler of its name. One handler.
  void on_unhandled(event_handler handler);
  /// Calls `observer` for every event received, before its handlers.
  listener on_any(event_observer observer);
  void off_any() { listeners_.off_any(); }
  /// Calls `observer` for every event sent to this client, broadcasts too; not for acknowledgements.
  listener on_any_outgoing(event_observer observer);
  void off_any_outgoing() { listeners_.off_any_outgoing(); }

  /// Adds a middleware; each event received passes all of them in order before anybody hears of it. One that
  /// throws stops the event.
  void use(event_middleware step);
  /// Calls `handler` for every event that a middleware stops.
  void on_error(error_handler handler);
  /// Calls `handler` once, when the socket, once connected, is no longer so; rooms() still says where it was.
  void on_disconnect(disconnect_handler handler);

  /// Throws std::invalid_argument for more than options::max_attachments, as do the others that send.
  void emit(std::string_view name, boost::json::value argument);
  void emit(std::string_view name, const arguments& args);
  /// The same, unless the client still has earlier bytes to take: for what is soon out of date.
  void emit_volatile(std::string_view name, const arguments& args);
  /// Asks for an acknowledgement; `handler` gets it, or error::ack_timeout, or error::disconnected, or
  /// error::too_many_pending_acks, once. The last two may come before emit() returns.
  void emit(std::string_view name, const arguments& args, milliseconds timeout, ack_handler handler);

  /// False if it is in options::max_rooms rooms already. May be called by a middleware.
  bool join(std::string room);
  void leave(std::string_view room);
  /// The rooms it is in; its own id is always one of them.
  [[nodiscard]] const std::set<std::string, std::less<>>& rooms() const { return rooms_; }

  /// Broadcasts without this socket: to that room, to all but that room, to all of this server, to all.
  [[nodiscard]] broadcast to(std::string room);
  [[nodiscard]] broadcast in(std::string room);
  [[nodiscard]] broadcast except(std::string room);
  [[nodiscard]] broadcast local();
  [[nodiscard]] broadcast others();

  /// Leaves the namespace ("server namespace disconnect"); `close` also ends the whole connection.
  void disconnect(bool close = false);

  /// What the client is connected by at the moment: "polling" or "websocket"; "" once it is gone.
  [[nodiscard]] std::string_view transport() const;
  /// Bytes that wait to be taken by the client's network; all namespaces of the connection together.
  [[nodiscard]] std::size_t buffered_bytes() const;

  /// For adapters: sends an event that is encoded for namespace_name() as `packet`.
  void deliver(std::span<const message> packet, std::string_view name, const arguments& args);
  /// For adapters: `handler` is to get the answer to the event of that id, as with emit(). False if it has
  /// got an error at once.
  bool expect_ack(std::uint64_t id, milliseconds timeout, ack_handler handler);

  /// Whatever the application keeps for this connection.
  std::any data;

 private:
  friend class client;
  enum class state { pending, connected, disconnected };

  struct pending_ack {
    ack_handler handler;
    timer_queue::guard deadline;
  };

  /// What recovery needs, where it is on.
  struct recoverable {
    std::string pid;          ///< the client's proof that it was here
    std::uint64_t since = 0;  ///< the log's position when it connected
    bool recovered = false;
    std::unique_ptr<lost_session> claimed;  ///< of a pending socket: what it is about to go on from
  };

  /// Makes it recoverable, or the one that `session` was; before any middleware sees it.
  void begin_recovery(std::unique_ptr<lost_session> session);
  /// Leaves a session behind, for the client to come back to.
  void leave_session();
  void emit_unlogged(std::string_view name, const arguments& args);
  void emit_logged(std::string_view name, const arguments& args);

  void on_event(packet p);
  /// Runs the middlewares from `step` on, then the handlers.
  void pass(const std::shared_ptr<event>& e, std::size_t step);
  void on_ack(packet p);
  void finish_ack(std::uint64_t id, result<arguments> answer);
  void send_ack(std::uint64_t id, const arguments& answer);
  /// The one way out of a living connection: leaves rooms, fails the acknowledgements, tells the application.
  void leave_namespace(disconnect_reason reason);
  /// Cuts the ties to the client, and gives back the acknowledgements outstanding.
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
  std::unique_ptr<recoverable> recovery_;  ///< null: it cannot be recovered
};

}  // namespace emostream::socketio

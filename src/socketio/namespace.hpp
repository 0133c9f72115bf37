#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/internal.hpp"
#include "socketio/listeners.hpp"
#include "socketio/middleware.hpp"
#include "socketio/room_hooks.hpp"
#include "socketio/room_names.hpp"
#include "socketio/socket.hpp"
#include "socketio/socketio_options.hpp"
#include "socketio/unicast.hpp"

namespace emostream::socketio {

class hub;

/// A namespace: its middlewares, connection handlers and connected sockets. I/O thread only. Lives as long as
/// the hub, unless a parent_namespace created it.
class server_namespace : public std::enable_shared_from_this<server_namespace> {
 public:
  using connection_handler = std::function<void(std::shared_ptr<socket>)>;

  server_namespace(hub& owner, std::string name);
  ~server_namespace();
  server_namespace(const server_namespace&) = delete;
  server_namespace& operator=(const server_namespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] hub& owner() const { return hub_; }

  /// Adds a middleware, which is called for each new socket, in the order of use(), but not for sockets that
  /// are waiting for a middleware already. One that throws rejects the socket. See also
  /// recovery_options::skip_middlewares.
  void use(middleware step);
  /// Adds a handler for new sockets. It is called after the CONNECT response was sent, so events that it
  /// emits reach the client after its `connect`.
  listener on_connection(connection_handler handler);
  /// Adds a handler for the next new socket only.
  listener once_connection(connection_handler handler);
  /// Removes the connection handler that was added as `which`.
  void off_connection(listener which);

  /// Broadcasts to the sockets of this namespace; see broadcast.
  [[nodiscard]] broadcast all() { return broadcast(*this); }
  [[nodiscard]] broadcast to(room_names rooms) { return all().to(std::move(rooms)); }
  [[nodiscard]] broadcast in(room_names rooms) { return all().in(std::move(rooms)); }
  [[nodiscard]] broadcast except(room_names rooms) { return all().except(std::move(rooms)); }
  [[nodiscard]] broadcast local() { return all().local(); }
  [[nodiscard]] broadcast volatile_() { return all().volatile_(); }
  [[nodiscard]] broadcast compress(bool allowed) { return all().compress(allowed); }
  [[nodiscard]] broadcast timeout(milliseconds limit) { return all().timeout(limit); }

  /// The actions of broadcast, on all sockets.
  void emit(std::string_view name, const arguments& args = {}) { all().emit(name, args); }
  template <class... Values>
  requires several_arguments<Values...>
  void emit(std::string_view name, Values&&... values) { all().emit(name, std::forward<Values>(values)...); }
  template <handler_of<responses_handler> Handler>
  void emit(std::string_view name, const arguments& args, Handler done) {
    all().emit(name, args, std::move(done));
  }
  template <handler_of<responses_handler> Handler>
  void emit(std::string_view name, Handler done) {
    all().emit(name, std::move(done));
  }
  void send(const arguments& args = {}) { all().send(args); }
  template <class... Values>
  requires several_arguments<Values...>
  void send(Values&&... values) { all().send(std::forward<Values>(values)...); }
  void fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) {
    all().fetch_sockets(std::move(done));
  }
  void sockets_join(const room_names& rooms) { all().sockets_join(rooms); }
  void sockets_leave(const room_names& rooms) { all().sockets_leave(rooms); }
  void disconnect_sockets(bool close = false) { all().disconnect_sockets(close); }

  /// Sends an event to this namespace on the other servers of a cluster. Throws std::invalid_argument for the
  /// reserved names of socket::emit(), and for `connection` and `new_namespace`.
  void server_side_emit(std::string_view name, const arguments& args = {});
  /// Sends an event to the other servers and passes their acknowledgements to `done` after `timeout` at the
  /// latest; immediately if there are no other servers.
  void server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                        responses_handler done);
  /// Sets the handler of the events with this name that other servers emit. One handler per name.
  void on_server_side(std::string name, socket::event_handler handler);
  /// For adapters: handles an event that another server emitted.
  void receive_server_side(event& e);

  /// The number of connected sockets.
  [[nodiscard]] std::size_t socket_count() const { return sockets_.size(); }
  [[nodiscard, deprecated("use socket_count()")]] std::size_t sockets() const { return socket_count(); }
  /// The connected socket with this id; nullptr if there is none.
  [[nodiscard]] std::shared_ptr<socket> find(std::string_view id) const;
  /// The number of this server's sockets in each room, including the sockets' own rooms.
  [[nodiscard]] std::map<std::string, std::size_t> rooms() const;
  /// Calls `visit` for each connected socket; `visit` may disconnect them.
  void for_each(const std::function<void(const std::shared_ptr<socket>&)>& visit) const;

  /// Adds handlers of changes of rooms.
  [[nodiscard]] socketio::room_hooks& room_hooks() { return room_hooks_; }

  /// Statistics of connection state recovery; zeros if it is disabled.
  [[nodiscard]] recovery_stats recovery() const;

  [[nodiscard]] socketio::adapter& adapter() const { return *adapter_; }
  /// Replaces the adapter; call before any socket connects. Only broadcasts that pass through the memory
  /// adapter can be recovered, and only its rooms are reported to room_hooks().
  void set_adapter(std::unique_ptr<socketio::adapter> replacement) { adapter_ = std::move(replacement); }

  // Called by the hub, clients and sockets.

  using admission_handler = std::function<void(const std::shared_ptr<socket>&, const connect_error* why)>;
  /// Runs the middlewares on a socket that wants to connect; `done` gets nullptr if all accept it.
  void run_middlewares(internal, const std::shared_ptr<socket>& candidate, admission_handler done) const;
  void add(internal, const std::shared_ptr<socket>& member);
  void remove(internal, const std::shared_ptr<socket>& member);
  /// Calls no handlers of room_hooks().
  void remove_silently(internal, const std::shared_ptr<socket>& member);
  /// Calls the connection handlers.
  void notify_connected(internal, const std::shared_ptr<socket>& member);
  /// Count the sockets that refer to this namespace, including pending ones. After the last one is released,
  /// the hub may destroy the namespace.
  void retain_socket(internal) { ++socket_refs_; }
  void release_socket(internal);
  /// Lets the hub remove the namespace if nobody is in it.
  void remove_if_empty(internal) { notify_if_empty(); }
  /// Prevents the removal of the namespace, since the application refers to it by name.
  void set_permanent(internal) { permanent_ = true; }
  /// Whether the hub may remove the namespace when it is empty.
  [[nodiscard]] bool removable(internal) const;
  [[nodiscard]] std::uint64_t next_ack_id(internal) { return next_ack_id_++; }
  /// The recovery log; null if connection state recovery is disabled.
  [[nodiscard]] recovery_log* log(internal) const { return recovery_.get(); }

 private:
  struct connection_listener {
    listener id;
    std::shared_ptr<const connection_handler> run;  ///< shared, since it may be removed while it runs
    bool once;
  };
  listener add_listener(connection_handler handler, bool once);
  void notify_if_empty();

  hub& hub_;
  std::string name_;
  std::uint64_t next_ack_id_ = 0;
  std::size_t socket_refs_ = 0;
  bool ever_connected_ = false;  ///< at least one socket has connected
  bool permanent_ = false;
  std::vector<std::shared_ptr<const middleware>> middlewares_;
  std::vector<connection_listener> listeners_;
  std::uint64_t next_listener_id_ = 0;
  std::map<std::string, socket::event_handler, std::less<>> server_side_handlers_;
  socket_map sockets_;
  socketio::room_hooks room_hooks_;
  std::unique_ptr<recovery_log> recovery_;  ///< null if recovery is disabled
  std::unique_ptr<socketio::adapter> adapter_;
};

}  // namespace emostream::socketio

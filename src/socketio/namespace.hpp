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

#include <boost/json.hpp>

#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/listeners.hpp"
#include "socketio/middleware.hpp"
#include "socketio/socket.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

class hub;

/// One namespace of the server: who may come in, and everybody who is. I/O thread only; as old as the server,
/// unless a parent_namespace made it.
class server_namespace : public std::enable_shared_from_this<server_namespace> {
 public:
  using connection_handler = std::function<void(std::shared_ptr<socket>)>;

  server_namespace(hub& owner, std::string name);
  ~server_namespace();
  server_namespace(const server_namespace&) = delete;
  server_namespace& operator=(const server_namespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Adds a middleware; each new socket passes all of them in order. One that throws refuses the socket.
  void use(middleware step);
  /// Adds a handler of new sockets. The client has been told; events sent from here arrive after its
  /// `connect`.
  listener on_connection(connection_handler handler);
  /// The same, for the next socket only.
  listener once_connection(connection_handler handler);
  /// Takes away the handler that was added as `which`.
  void off_connection(listener which);

  /// All sockets, to choose from.
  [[nodiscard]] broadcast all() { return broadcast(*this); }
  [[nodiscard]] broadcast to(std::string room) { return all().to(std::move(room)); }
  [[nodiscard]] broadcast in(std::string room) { return all().in(std::move(room)); }
  [[nodiscard]] broadcast except(std::string room) { return all().except(std::move(room)); }
  [[nodiscard]] broadcast local() { return all().local(); }
  [[nodiscard]] broadcast volatile_() { return all().volatile_(); }
  [[nodiscard]] broadcast compress(bool allowed) { return all().compress(allowed); }
  [[nodiscard]] broadcast timeout(milliseconds limit) { return all().timeout(limit); }

  /// What broadcast does, with every socket.
  void emit(std::string_view name, boost::json::value argument) { all().emit(name, std::move(argument)); }
  void emit(std::string_view name, const arguments& args) { all().emit(name, args); }
  void emit(std::string_view name, const arguments& args, responses_handler done) {
    all().emit(name, args, std::move(done));
  }
  void fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) {
    all().fetch_sockets(std::move(done));
  }
  void sockets_join(const std::vector<std::string>& rooms) { all().sockets_join(rooms); }
  void sockets_leave(const std::vector<std::string>& rooms) { all().sockets_leave(rooms); }
  void disconnect_sockets(bool close = false) { all().disconnect_sockets(close); }

  /// Sends an event to this namespace on the other servers of a cluster.
  void server_side_emit(std::string_view name, const arguments& args);
  /// The same; `done` hears what they answer within `timeout`. Without others it hears so at once.
  void server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                        responses_handler done);
  /// Calls `handler` for every event of that name that another server sends so. A name has one handler.
  void on_server_side(std::string name, socket::event_handler handler);
  /// For adapters: another server sent it.
  void receive_server_side(event& e);

  /// How many sockets are connected.
  [[nodiscard]] std::size_t socket_count() const { return sockets_.size(); }
  [[nodiscard, deprecated("use socket_count()")]] std::size_t sockets() const { return socket_count(); }
  /// The connected socket of that id; nullptr if there is none.
  [[nodiscard]] std::shared_ptr<socket> find(std::string_view id) const;
  /// How many sockets of this server are in each room that somebody is in, those of one's own included.
  [[nodiscard]] std::map<std::string, std::size_t> rooms() const;
  /// Calls `visit` for each socket connected now; it may disconnect them.
  void for_each(const std::function<void(const std::shared_ptr<socket>&)>& visit) const;

  /// What is kept for recovery; nothing where that is off.
  [[nodiscard]] recovery_stats recovery() const;

  /// Replaces the adapter; before any socket connects. What is to be recovered must pass the one in memory.
  void set_adapter(std::unique_ptr<adapter> replacement) { adapter_ = std::move(replacement); }

 private:
  friend class broadcast;
  friend class client;
  friend class hub;
  friend class socket;

  struct greeter {
    listener id;
    std::shared_ptr<const connection_handler> run;  ///< shared: it may be taken away while it runs
    bool once;
  };
  listener add_greeter(connection_handler handler, bool once);

  using admitted = std::function<void(const std::shared_ptr<socket>&, const connect_error* why)>;
  /// Runs the middlewares from `step` on, then `done` with their verdict.
  void admit(const std::shared_ptr<socket>& candidate, std::size_t step, admitted done);
  void add(const std::shared_ptr<socket>& member);
  void announce(const std::shared_ptr<socket>& member);
  void remove(const std::shared_ptr<socket>& member);
  /// A socket that was made for it, connected or not, is no more.
  void release();
  void leave_if_empty();

  hub& hub_;
  std::string name_;
  std::uint64_t next_ack_id_ = 0;
  std::size_t occupants_ = 0;  ///< pending sockets too
  bool visited_ = false;       ///< somebody has been let in
  bool permanent_ = false;     ///< the application asked for it by name
  std::vector<middleware> middlewares_;
  std::vector<greeter> greeters_;
  std::uint64_t greeters_added_ = 0;
  std::map<std::string, socket::event_handler, std::less<>> server_side_handlers_;
  socket_map sockets_;
  std::unique_ptr<recovery_log> recovery_;  ///< null: nothing is recovered
  std::unique_ptr<adapter> adapter_;
};

}  // namespace emostream::socketio

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/middleware.hpp"
#include "socketio/socket.hpp"

namespace emostream::socketio {

/// One namespace of the server: who may come in, and everybody who is. I/O thread only; as old as the server.
class server_namespace {
 public:
  using connection_handler = std::function<void(std::shared_ptr<socket>)>;

  explicit server_namespace(std::string name);
  server_namespace(const server_namespace&) = delete;
  server_namespace& operator=(const server_namespace&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  /// Adds a middleware; each new socket passes all of them in order. One that throws refuses the socket.
  void use(middleware step);
  /// Adds a handler of new sockets. The client has been told; events sent from here arrive after its
  /// `connect`.
  void on_connection(connection_handler handler);

  /// To every socket.
  void emit(std::string_view name, boost::json::value argument);
  void emit(std::string_view name, const arguments& args);
  [[nodiscard]] broadcast to(std::string room);
  [[nodiscard]] broadcast except(std::string room);

  /// How many sockets are connected.
  [[nodiscard]] std::size_t sockets() const { return sockets_.size(); }
  /// The connected socket of that id; nullptr if there is none.
  [[nodiscard]] std::shared_ptr<socket> find(std::string_view id) const;
  /// Calls `visit` for each socket connected now; it may disconnect them.
  void for_each(const std::function<void(const std::shared_ptr<socket>&)>& visit) const;

  /// Replaces the adapter; before any socket connects.
  void set_adapter(std::unique_ptr<adapter> replacement) { adapter_ = std::move(replacement); }

 private:
  friend class broadcast;
  friend class client;
  friend class socket;

  using admitted = std::function<void(const std::shared_ptr<socket>&, const connect_error* why)>;
  /// Runs the middlewares from `step` on, then `done` with their verdict.
  void admit(const std::shared_ptr<socket>& candidate, std::size_t step, admitted done);
  void add(const std::shared_ptr<socket>& member);
  void announce(const std::shared_ptr<socket>& member);
  void remove(const std::shared_ptr<socket>& member);

  std::string name_;
  std::vector<middleware> middlewares_;
  std::vector<connection_handler> connection_handlers_;
  socket_map sockets_;
  std::unique_ptr<adapter> adapter_;
};

}  // namespace emostream::socketio

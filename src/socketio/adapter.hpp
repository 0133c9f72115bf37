#pragma once

#include <any>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/event.hpp"
#include "socketio/parser.hpp"
#include "socketio/socket.hpp"

namespace emostream::socketio {

class recovery_log;
class room_hooks;

/// A socket that may be connected to another server. Send to it with `nsp.to(id)`.
struct remote_socket {
  std::string id;
  socketio::handshake handshake;
  std::set<std::string, std::less<>> rooms;
  std::any data;  ///< a copy; only for the sockets of this process
};

/// Receives the acknowledgements of a broadcast.
struct ack_sink {
  /// Called once for each server, with the number of its sockets for which `answer` is called.
  std::function<void(std::size_t)> expect;
  /// Called once for each of those sockets, with the acknowledgement or an error.
  std::function<void(result<arguments>)> answer;
};

/// Tracks the rooms of one namespace and delivers broadcasts to their members. The memory adapter serves the
/// sockets of this process. An adapter for a cluster wraps it and overrides the methods whose default
/// implementations here assume a single server. I/O thread only.
class adapter {
 public:
  using visitor = std::function<void(const std::shared_ptr<socket>&)>;

  virtual ~adapter() = default;

  virtual void join(const std::shared_ptr<socket>& member, const std::string& room) = 0;
  virtual void leave(const std::shared_ptr<socket>& member, std::string_view room) = 0;

  /// Sends the event once to each selected socket.
  virtual void broadcast(const selection& to, std::string_view name, const arguments& args) = 0;
  /// Sends the event and requests an acknowledgement from each socket within `timeout`.
  virtual void broadcast(const selection& to, std::string_view name, const arguments& args,
                         milliseconds timeout, const ack_sink& sink) = 0;

  /// Calls `visit` once for each selected socket of this process; `visit` may disconnect sockets or change
  /// rooms.
  virtual void for_each(const selection& of, const visitor& visit) = 0;

  /// Passes the selected sockets of all servers to `done`.
  virtual void fetch_sockets(const selection& of,
                             std::function<void(result<std::vector<remote_socket>>)> done);
  virtual void sockets_join(const selection& of, const std::vector<std::string>& rooms);
  virtual void sockets_leave(const selection& of, const std::vector<std::string>& rooms);
  virtual void disconnect_sockets(const selection& of, bool close);

  /// Passes the number of servers, including this one, to `done`.
  virtual void server_count(std::function<void(result<std::size_t>)> done);
  /// Sends an event to the other servers, which pass it to server_namespace::receive_server_side().
  virtual void server_side_emit(std::string_view name, const arguments& args);
  /// Sends an event to the other servers and passes their acknowledgements to `done` after `timeout` at the
  /// latest.
  virtual void server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                                responses_handler done);
};

/// The connected sockets of a namespace, by id.
using socket_map = std::map<std::string, std::shared_ptr<socket>, std::less<>>;

/// Makes the adapter of a single server. A selection without rooms stands for all of `sockets`; ids of
/// acknowledgements are taken from `next_ack_id`. If `log` is not null, recoverable broadcasts are
/// appended to it. Changes of rooms are reported to `hooks`. All must outlive the adapter.
std::unique_ptr<adapter> make_memory_adapter(const socket_map& sockets, std::uint64_t& next_ack_id,
                                             const parser& parser, recovery_log* log,
                                             const room_hooks& hooks);

}  // namespace emostream::socketio

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

/// A socket as other servers know it; reach it with `nsp.to(id)`.
struct remote_socket {
  std::string id;
  socketio::handshake handshake;
  std::set<std::string, std::less<>> rooms;
  std::any data;  ///< of this process's sockets: a copy
};

/// Hears what comes of a broadcast that asks for answers.
struct answer_sink {
  /// Called once by each server: to how many sockets it sends the event.
  std::function<void(std::size_t)> expect;
  /// Called once for each of those: the answer, or why there is none.
  std::function<void(result<arguments>)> answer;
};

/// Who is in which room of one namespace, and how a broadcast reaches them. The one in memory knows this
/// process's sockets; one that spans servers wraps it, and overrides what has a body here: that is what one
/// server alone does. I/O thread only.
class adapter {
 public:
  using visitor = std::function<void(const std::shared_ptr<socket>&)>;

  virtual ~adapter() = default;

  virtual void join(const std::shared_ptr<socket>& member, const std::string& room) = 0;
  virtual void leave(const std::shared_ptr<socket>& member, std::string_view room) = 0;

  /// Sends the event to the sockets selected, once each.
  virtual void broadcast(const selection& to, std::string_view name, const arguments& args) = 0;
  /// The same, and asks each for an acknowledgement within `timeout`.
  virtual void broadcast(const selection& to, std::string_view name, const arguments& args,
                         milliseconds timeout, const answer_sink& answers) = 0;

  /// Calls `visit` for each socket of this process selected, once each; it may disconnect or move them.
  virtual void for_each(const selection& of, const visitor& visit) = 0;

  /// Tells `done` of the sockets selected on all servers.
  virtual void fetch_sockets(const selection& of,
                             std::function<void(result<std::vector<remote_socket>>)> done);
  virtual void sockets_join(const selection& of, const std::vector<std::string>& rooms);
  virtual void sockets_leave(const selection& of, const std::vector<std::string>& rooms);
  virtual void disconnect_sockets(const selection& of, bool close);

  /// Tells `done` how many servers there are, this one included.
  virtual void server_count(std::function<void(result<std::size_t>)> done);
  /// Sends an event to the other servers; each hands it to its server_namespace::receive_server_side().
  virtual void server_side_emit(std::string_view name, const arguments& args);
  /// The same; `done` hears what they answer within `timeout`.
  virtual void server_side_emit(std::string_view name, const arguments& args, milliseconds timeout,
                                responses_handler done);
};

/// The connected sockets of a namespace by their ids.
using socket_map = std::map<std::string, std::shared_ptr<socket>, std::less<>>;

/// The adapter of a single server, which looks up in `sockets` what is in no room, and takes the ids of
/// acknowledgements from `ack_ids`. Events that can be recovered go to `log` too, if there is one. All must
/// outlive it.
std::unique_ptr<adapter> make_memory_adapter(const socket_map& sockets, std::uint64_t& ack_ids,
                                             const parser& encoding, recovery_log* log);

}  // namespace emostream::socketio

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "socketio/broadcast.hpp"
#include "socketio/event.hpp"

namespace emostream::socketio {

class socket;

/// Who is in which room of one namespace, and how a broadcast reaches them. The one in memory knows this
/// process's sockets; one that spans servers wraps it. I/O thread only.
class adapter {
 public:
  virtual ~adapter() = default;

  virtual void join(const std::shared_ptr<socket>& member, const std::string& room) = 0;
  virtual void leave(const std::shared_ptr<socket>& member, std::string_view room) = 0;

  /// Sends the event to the sockets selected, once each.
  virtual void broadcast(const selection& to, std::string_view name, const arguments& args) = 0;

  /// Calls `visit` for each socket of this process selected, once each; it may disconnect or move them.
  virtual void for_each(const selection& of,
                        const std::function<void(const std::shared_ptr<socket>&)>& visit) = 0;
};

/// The connected sockets of a namespace by their ids.
using socket_map = std::map<std::string, std::shared_ptr<socket>, std::less<>>;

/// The adapter of a single server, which looks up in `sockets` what is in no room.
std::unique_ptr<adapter> make_memory_adapter(const socket_map& sockets);

}  // namespace emostream::socketio

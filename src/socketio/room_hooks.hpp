#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace emostream::socketio {

/// Handlers of the changes of a namespace's rooms on this server, the events of a Node.js adapter. Each
/// socket also has a room of its own, named by its id. Handlers are called after the change and may change
/// rooms. I/O thread only.
class room_hooks {
 public:
  using room_handler = std::function<void(const std::string& room)>;
  using member_handler = std::function<void(const std::string& room, const std::string& socket_id)>;

  /// Adds a handler that is called when the first socket joins a room.
  void on_create(room_handler handler);
  /// Adds a handler that is called when the last socket has left a room.
  void on_delete(room_handler handler);
  void on_join(member_handler handler);
  /// Adds a handler that is called when a socket leaves a room, also because it is disconnected.
  void on_leave(member_handler handler);

  // Called by adapters.

  /// Calls the handlers of on_create() after the first socket has joined a room, before notify_joined().
  void notify_created(std::string_view room) const;
  /// Calls the handlers of on_join() after a socket has joined a room, unless it has left it again.
  void notify_joined(std::string_view room, std::string_view socket_id) const;
  /// Calls the handlers after a socket has left a room; `deleted` if it was the last.
  void notify_left(std::string_view room, std::string_view socket_id, bool deleted) const;

 private:
  std::vector<room_handler> create_;
  std::vector<room_handler> delete_;
  std::vector<member_handler> join_;
  std::vector<member_handler> leave_;
};

}  // namespace emostream::socketio

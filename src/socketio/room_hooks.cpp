#include "socketio/room_hooks.hpp"

#include <utility>

#include "base/guarded.hpp"

namespace emostream::socketio {

namespace {

/// Calls copies of the handlers, since one may add another.
template <class Handler, class... Arguments>
void call(std::vector<Handler> handlers, const std::string& room, const Arguments&... arguments) {
  for (const auto& handler : handlers)
    guarded("a room handler, room", room, [&] { handler(room, arguments...); });
}

}  // namespace

void room_hooks::on_create(room_handler handler) {
  create_.push_back(std::move(handler));
}

void room_hooks::on_delete(room_handler handler) {
  delete_.push_back(std::move(handler));
}

void room_hooks::on_join(member_handler handler) {
  join_.push_back(std::move(handler));
}

void room_hooks::on_leave(member_handler handler) {
  leave_.push_back(std::move(handler));
}

// The names are copied, since a handler may change what they refer to.

void room_hooks::notify_created(std::string_view room) const {
  if (!create_.empty()) call(create_, std::string(room));
}

void room_hooks::notify_joined(std::string_view room, std::string_view socket_id) const {
  if (!join_.empty()) call(join_, std::string(room), std::string(socket_id));
}

void room_hooks::notify_left(std::string_view room, std::string_view socket_id, bool deleted) const {
  if (delete_.empty() && leave_.empty()) return;
  const std::string name(room);
  const std::string id(socket_id);
  call(leave_, name, id);
  if (deleted) call(delete_, name);
}

}  // namespace emostream::socketio

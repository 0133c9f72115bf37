#include "socketio/broadcast.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "socketio/adapter.hpp"
#include "socketio/hub.hpp"
#include "socketio/namespace.hpp"
#include "socketio/packet.hpp"
#include "socketio/responses.hpp"

namespace emostream::socketio {

namespace {

void append(std::vector<std::string>& to, std::vector<std::string> added) {
  if (to.empty())
    to = std::move(added);
  else
    std::ranges::move(added, std::back_inserter(to));
}

}  // namespace

broadcast broadcast::to(room_names rooms) && {
  append(selection_.rooms, std::move(rooms.names));
  return std::move(*this);
}

broadcast broadcast::except(room_names rooms) && {
  append(selection_.except, std::move(rooms.names));
  return std::move(*this);
}

broadcast broadcast::local() && {
  selection_.local = true;
  return std::move(*this);
}

broadcast broadcast::volatile_() && {
  selection_.is_volatile = true;
  return std::move(*this);
}

broadcast broadcast::compress(bool allowed) && {
  selection_.compress = allowed;
  return std::move(*this);
}

broadcast broadcast::timeout(milliseconds limit) && {
  timeout_ = limit;
  return std::move(*this);
}

void broadcast::emit(std::string_view name, const arguments& args) const {
  require_emittable(name);
  nsp_->adapter().broadcast(selection_, name, args);
}

void broadcast::request_acks(std::string_view name, const arguments& args, responses_handler done) const {
  require_emittable(name);
  // Sending may disconnect the last socket, after which the hub may destroy the namespace.
  const auto keep_alive = nsp_->shared_from_this();
  const auto collected = std::make_shared<responses>(std::move(done));
  nsp_->adapter().broadcast(selection_, name, args, timeout_, collected->sink());
  // Set after the adapter has set the sockets' deadlines, so that those fire first.
  hub& owner = nsp_->owner();
  collected->set_deadline(owner.timers(), owner.settings().now() + timeout_);
  if (selection_.local) return collected->set_server_count(1);
  nsp_->adapter().server_count(
      [collected](result<std::size_t> count) { collected->set_server_count(count); });
}

void broadcast::fetch_sockets(std::function<void(result<std::vector<remote_socket>>)> done) const {
  nsp_->adapter().fetch_sockets(selection_, std::move(done));
}

void broadcast::sockets_join(const room_names& rooms) const {
  nsp_->adapter().sockets_join(selection_, rooms.names);
}

void broadcast::sockets_leave(const room_names& rooms) const {
  nsp_->adapter().sockets_leave(selection_, rooms.names);
}

void broadcast::disconnect_sockets(bool close) const {
  nsp_->adapter().disconnect_sockets(selection_, close);
}

}  // namespace emostream::socketio

#include "socketio/broadcast.hpp"

#include <memory>
#include <utility>

#include "socketio/adapter.hpp"
#include "socketio/hub.hpp"
#include "socketio/namespace.hpp"
#include "socketio/responses.hpp"

namespace emostream::socketio {

broadcast& broadcast::to(std::string room) & {
  selection_.rooms.push_back(std::move(room));
  return *this;
}

broadcast broadcast::to(std::string room) && {
  return std::move(to(std::move(room)));
}

broadcast& broadcast::except(std::string room) & {
  selection_.except.push_back(std::move(room));
  return *this;
}

broadcast broadcast::except(std::string room) && {
  return std::move(except(std::move(room)));
}

broadcast& broadcast::local() & {
  selection_.local = true;
  return *this;
}

broadcast broadcast::local() && {
  return std::move(local());
}

broadcast& broadcast::volatile_() & {
  selection_.is_volatile = true;
  return *this;
}

broadcast broadcast::volatile_() && {
  return std::move(volatile_());
}

broadcast& broadcast::compress(bool allowed) & {
  selection_.compress = allowed;
  return *this;
}

broadcast broadcast::compress(bool allowed) && {
  return std::move(compress(allowed));
}

broadcast& broadcast::timeout(milliseconds limit) & {
  timeout_ = limit;
  return *this;
}

broadcast broadcast::timeout(milliseconds limit) && {
  return std::move(timeout(limit));
}

void broadcast::emit(std::string_view name, boost::json::value argument) const {
  arguments args;
  args.values.push_back(std::move(argument));
  emit(name, args);
}

void broadcast::emit(std::string_view name, const arguments& args) const {
  nsp_->adapter().broadcast(selection_, name, args);
}

void broadcast::emit(std::string_view name, const arguments& args, responses_handler done) const {
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

void broadcast::sockets_join(const std::vector<std::string>& rooms) const {
  nsp_->adapter().sockets_join(selection_, rooms);
}

void broadcast::sockets_leave(const std::vector<std::string>& rooms) const {
  nsp_->adapter().sockets_leave(selection_, rooms);
}

void broadcast::disconnect_sockets(bool close) const {
  nsp_->adapter().disconnect_sockets(selection_, close);
}

}  // namespace emostream::socketio

#include "socketio/broadcast.hpp"

#include <utility>

#include "socketio/namespace.hpp"

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

void broadcast::emit(std::string_view name, boost::json::value argument) const {
  arguments args;
  args.values.push_back(std::move(argument));
  emit(name, args);
}

void broadcast::emit(std::string_view name, const arguments& args) const {
  nsp_->adapter_->broadcast(selection_, name, args);
}

}  // namespace emostream::socketio

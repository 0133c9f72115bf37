#include "service/room_registry.hpp"

namespace emostream::service {

bool room_registry::add_member(const std::string& room) {
  if (!rooms_.contains(room) && rooms_.size() >= limit_) return false;
  ++rooms_[room].members;
  return true;
}

void room_registry::remove_member(std::string_view room) {
  if (const auto it = rooms_.find(room); it != rooms_.end() && --it->second.members == 0) rooms_.erase(it);
}

void room_registry::record_result(std::string_view room, time_point now) {
  if (const auto it = rooms_.find(room); it != rooms_.end()) it->second.last_result = now;
}

time_point room_registry::last_result(std::string_view room) const {
  const auto it = rooms_.find(room);
  return it == rooms_.end() ? time_point::min() : it->second.last_result;
}

}  // namespace emostream::service

#include "emotion/rooms.hpp"

namespace emostream::emotion {

bool room_registry::enter(const std::string& room) {
  if (!members_.contains(room) && members_.size() >= limit_) return false;
  ++members_[room];
  return true;
}

void room_registry::leave(std::string_view room) {
  if (const auto it = members_.find(room); it != members_.end() && --it->second == 0) members_.erase(it);
}

}  // namespace emostream::emotion

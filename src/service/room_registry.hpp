#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::service {

/// The number of members of each room, and the time of its last result. Limits the number of rooms. The
/// members themselves are kept by the Socket.IO namespace. I/O thread only.
class room_registry {
 public:
  explicit room_registry(std::size_t limit) : limit_(limit) {}

  /// Adds a member to that room. Returns false if a new room would exceed the limit.
  [[nodiscard]] bool add_member(const std::string& room);
  void remove_member(std::string_view room);
  /// Sets the time of the room's last result. Does nothing if the room has no member.
  void record_result(std::string_view room, time_point now);
  /// The time of the room's last result; time_point::min() if there is none.
  [[nodiscard]] time_point last_result(std::string_view room) const;
  /// The number of rooms with a member.
  [[nodiscard]] std::size_t size() const { return rooms_.size(); }

 private:
  struct entry {
    std::size_t members = 0;
    time_point last_result = time_point::min();
  };
  std::size_t limit_;
  std::map<std::string, entry, std::less<>> rooms_;
};

}  // namespace emostream::service

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace emostream::service {

/// Which rooms have members here, and how many: bounds the number of rooms. Who they are is the namespace's
/// to know. I/O thread only.
class room_registry {
 public:
  explicit room_registry(std::size_t limit) : limit_(limit) {}

  /// One more member of that room; false if it would be one room too many.
  [[nodiscard]] bool enter(const std::string& room);
  void leave(std::string_view room);
  /// A result came in that room.
  void heard(std::string_view room, time_point now);
  /// When the last one did; time_point::min() if none has.
  [[nodiscard]] time_point last_result(std::string_view room) const;
  /// Rooms with a member.
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

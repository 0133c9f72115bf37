#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace emostream::emotion {

/// Which rooms have members here, and how many: bounds the number of rooms. Who they are is the namespace's
/// to know. I/O thread only.
class room_registry {
 public:
  explicit room_registry(std::size_t limit) : limit_(limit) {}

  /// One more member of that room; false if it would be one room too many.
  [[nodiscard]] bool enter(const std::string& room);
  void leave(std::string_view room);
  /// Rooms with a member.
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  std::size_t limit_;
  std::map<std::string, std::size_t, std::less<>> members_;
};

}  // namespace emostream::emotion

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace emostream {

/// Writes lines to a file descriptor without ever blocking its callers: lines that the descriptor does not
/// take at once wait in a buffer for a thread of the writer, and are dropped if the buffer is full.
/// Thread-safe.
class line_writer {
 public:
  /// `descriptor` must stay open, and SIGPIPE should be ignored. The buffer holds at most `capacity` bytes,
  /// or the rest of one line.
  line_writer(int descriptor, std::size_t capacity);
  /// Waits at most one second until the buffer is written.
  ~line_writer();
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;

  /// Returns false if the line is dropped.
  bool write(std::string_view line);

  /// The number of lines dropped so far, including those that the descriptor rejected.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace emostream

#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/websocket_frame.hpp"

namespace emostream::net {

/// Reads what a WebSocket client sends (RFC 6455, no extensions), without I/O: bytes go in, messages and
/// control frames come out. An idle one holds little memory; it grows with what arrives, not with what is
/// announced.
class websocket_reader {
 public:
  /// A message, put together from its fragments, or a control frame between them.
  struct incoming {
    opcode type;
    std::string_view content;  ///< unmasked; UTF-8 if text; valid until the next call of the reader
  };

  /// Messages of more bytes are close_code::too_big.
  explicit websocket_reader(std::size_t max_message) : max_message_(max_message) {}

  /// Where the next bytes are to be put; never empty.
  std::span<char> space();
  /// That many were.
  void received(std::size_t size) { end_ += size; }

  /// The next of what has arrived; nullopt: more is needed; else what to close the connection with, and to
  /// read no further. Call it until it gives nullopt.
  std::expected<std::optional<incoming>, close_code> next();

 private:
  struct frame;
  std::expected<std::optional<frame>, close_code> head();
  [[nodiscard]] std::optional<close_code> violation(const frame& f) const;

  std::size_t max_message_;
  std::unique_ptr<char[]> bytes_;  // what arrived: [begin_, end_)
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t needed_ = 0;            // bytes of the frame that has begun to arrive, once that is known
  std::string fragments_;             // of the message that is not complete
  std::optional<opcode> fragmented_;  // its type
};

}  // namespace emostream::net

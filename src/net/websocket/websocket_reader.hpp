#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/websocket/websocket_frame.hpp"

namespace emostream::net {

class message_deflate;

/// Reads what a WebSocket client sends (RFC 6455, and RFC 7692 where agreed on), without I/O: bytes go in,
/// messages and control frames come out. The bytes are read where they were received, which may be a buffer
/// that all connections share; the reader itself keeps only what is not complete yet. So an idle one holds no
/// memory, and it grows with what arrives, not with what is announced.
class websocket_reader {
 public:
  /// A message, put together from its fragments, or a control frame between them.
  struct incoming {
    opcode type;
    std::string_view content;  ///< unmasked; UTF-8 if text; valid until the next call of the reader
  };

  /// Messages of more bytes are close_code::too_big.
  /// With `inflate`, which must outlive
  /// it, they may be compressed, and are measured before and after.
  explicit websocket_reader(std::size_t max_message, message_deflate* inflate = nullptr)
      : max_message_(max_message), inflate_(inflate) {}

  /// What has arrived, once next() has given nullopt for all that came before. The reader changes it.
  void received(std::span<char> bytes) { input_ = bytes; }

  /// The next of what has arrived; nullopt: more is needed; else what to close the connection with, and to
  /// read no further. Call it until it gives nullopt.
  std::expected<std::optional<incoming>, close_code> next();

  /// Bytes of what it keeps.
  [[nodiscard]] std::size_t kept() const { return message_.capacity() + control_.capacity(); }

 private:
  /// The frame that is arriving, its head already.
  struct frame {
    opcode type;
    bool final;
    bool compressed;
    std::array<char, 4> mask;  // of the next four bytes
    std::size_t missing;       // bytes of its content
  };

  std::expected<bool, close_code> read_head();
  [[nodiscard]] std::optional<close_code> violation(const frame& f) const;
  void keep(std::span<char> part, std::string& so_far);
  std::expected<incoming, close_code> checked(opcode type, std::string_view content);
  std::expected<incoming, close_code> inflated(opcode type, std::string_view content);

  std::size_t max_message_;
  message_deflate* inflate_;
  std::span<char> input_;
  std::array<unsigned char, 14> head_;  // what has arrived of one; none is longer
  unsigned char head_size_ = 0;
  bool ascii_ = true;                 // what has arrived of the message is
  bool compressed_ = false;           // the message is
  std::optional<opcode> fragmented_;  // the type of the message whose last frame has not arrived
  std::optional<frame> frame_;
  std::string message_;  // what has arrived of it, if that is not all
  std::string control_;  // the same of a control frame
};

}  // namespace emostream::net

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

/// Parses the frames of a WebSocket client (RFC 6455, and RFC 7692 where negotiated), without I/O: bytes go
/// in, messages and control frames come out. It parses in place in the receive buffer, which connections may
/// share, and stores only messages and control frames that arrive in pieces or compressed: an idle reader
/// holds no memory, and the memory grows with the bytes that arrive, not with the announced sizes.
class websocket_reader {
 public:
  /// A message, assembled from its fragments, or a control frame.
  struct incoming {
    opcode type;
    std::string_view content;  ///< unmasked; UTF-8 if text; valid until the next call of the reader
  };

  /// Messages larger than `max_message` bytes give close_code::too_big. With `inflate`, which must outlive
  /// the reader, messages may be compressed; the limit then applies before and after inflating.
  explicit websocket_reader(std::size_t max_message, message_deflate* inflate = nullptr)
      : max_message_(max_message), inflate_(inflate) {}

  void set_max_message(std::size_t bytes) { max_message_ = bytes; }
  [[nodiscard]] std::size_t max_message() const { return max_message_; }

  /// Passes received bytes to the reader, which modifies them. Call it only after next() has returned
  /// nullopt.
  void received(std::span<char> bytes) { input_ = bytes; }
  /// Copies the received bytes that have not been parsed yet, so that the receive buffer can be used
  /// otherwise.
  void keep_input();
  /// True if there are received bytes to be parsed.
  [[nodiscard]] bool has_input() const { return !input_.empty(); }

  /// The next message or control frame; nullopt if more bytes are needed; or the code to close the connection
  /// with, after which it must not be called again. Call it until it returns nullopt.
  std::expected<std::optional<incoming>, close_code> next();

  /// The capacity of the reader's strings, in bytes.
  [[nodiscard]] std::size_t capacity() const {
    return message_.capacity() + control_.capacity() + kept_input_.capacity();
  }

 private:
  /// A frame whose header has arrived.
  struct frame {
    opcode type;
    bool final;
    bool compressed;
    std::array<char, 4> mask;  // for the next four bytes
    std::size_t missing;       // bytes of its payload that have not arrived
  };

  std::expected<std::optional<incoming>, close_code> parse();
  std::expected<bool, close_code> read_header();
  [[nodiscard]] std::optional<close_code> violation(const frame& f) const;
  void append(std::span<char> part, std::string& so_far);
  std::expected<incoming, close_code> checked(opcode type, std::string_view content);
  std::expected<incoming, close_code> inflated(opcode type, std::string_view content);

  std::size_t max_message_;
  message_deflate* inflate_;
  std::span<char> input_;
  std::array<unsigned char, 14> header_{};  // the part of the next frame's header that has arrived
  unsigned char header_size_ = 0;
  bool ascii_ = true;                 // the message is ASCII so far
  bool compressed_ = false;           // the message is compressed
  std::optional<opcode> fragmented_;  // the type of an incomplete fragmented message
  std::optional<frame> frame_;
  std::string message_;  // the incomplete message, or the last one returned if it was not parsed in place
  std::string control_;  // the same for control frames
  std::string kept_input_;
};

}  // namespace emostream::net

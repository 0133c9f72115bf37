#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace emostream::bench {

enum class opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct frame {
  opcode op;
  std::string payload;
};

/// The request that opens an Engine.IO session over WebSocket at a path such as "/socket.io/". The key is
/// that of the example in RFC 6455, so that the floor can use a constant response.
std::string upgrade_request(std::string_view path);

/// Encodes a WebSocket frame of a client, with a mask that is not zero.
std::string client_frame(const frame& f);

/// An event and its answer as WebSocket frames.
struct exchange {
  std::string request;        ///< the bytes to send
  std::vector<frame> answer;  ///< frames expected in return

  /// Event `name` with `bytes` bytes of base64 text; the answer is identical.
  static exchange text(std::string_view name, std::size_t bytes);
  /// The same with a binary attachment.
  static exchange binary(std::string_view name, std::size_t bytes);
};

/// Splits the bytes of a server into WebSocket frames without buffering long ones.
class frame_reader {
 public:
  /// Frames of up to `short_frame` bytes are assembled if they arrive in pieces; longer ones that do
  /// are reported without their content.
  explicit frame_reader(std::size_t short_frame = 1024) : short_frame_(short_frame) {}

  struct received {
    opcode op;
    char first;                ///< first byte of the payload; 0 if it is empty
    std::size_t size;          ///< size of the payload in bytes
    std::string_view content;  ///< the payload if it is short or arrived in one piece; otherwise empty
  };
  /// Calls `on_frame` for each frame that `bytes` completes. Throws std::runtime_error for fragments,
  /// extension bits and masked frames.
  void feed(std::string_view bytes, const std::function<void(const received&)>& on_frame);

 private:
  std::size_t short_frame_;
  std::string head_;     // incomplete header
  std::string content_;  // incomplete payload of a short frame
  bool in_payload_ = false;
  received current_{};
  std::size_t missing_ = 0;
};

}  // namespace emostream::bench

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

/// The request that opens an Engine.IO session over WebSocket at a path such as "/socket.io/". Its key is
/// always the one of RFC 6455, so that the floor knows the answer.
std::string upgrade_request(std::string_view path);

/// A WebSocket frame as clients send it: masked, and not with zeros.
std::string client_frame(const frame& f);

/// An event as it goes over the wire, both ways.
struct exchange {
  std::string request;        ///< bytes ready to be sent
  std::vector<frame> answer;  ///< what has to come back for it

  /// `name` with `bytes` bytes of base64 text, which comes back as it went.
  static exchange text(std::string_view name, std::size_t bytes);
  /// The same with a binary attachment.
  static exchange binary(std::string_view name, std::size_t bytes);
};

/// Cuts what a server sends into frames, without keeping what it does not need to.
class frame_reader {
 public:
  /// Frames up to `short_frame` bytes are put together if they come in pieces; of longer ones only the size
  /// is looked at.
  explicit frame_reader(std::size_t short_frame = 1024) : short_frame_(short_frame) {}

  struct received {
    opcode op;
    char first;                ///< byte of the payload, 0 if there is none
    std::size_t size;          ///< of the payload
    std::string_view content;  ///< all of it if it came in one piece or is short; else empty
  };
  /// Calls `on_frame` for each frame that `bytes` completes. Throws std::runtime_error for what this
  /// generator does not expect: fragments and masked frames.
  void feed(std::string_view bytes, const std::function<void(const received&)>& on_frame);

 private:
  std::size_t short_frame_;
  std::string head_;     // of a frame whose header is not complete yet
  std::string content_;  // of a short frame that is not complete yet
  bool in_payload_ = false;
  received current_{};
  std::size_t missing_ = 0;
};

}  // namespace emostream::bench

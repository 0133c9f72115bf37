#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace emostream::net {

/// An answer as it came.
struct answer {
  int status = 0;  ///< 0: the connection ended without one
  std::string head;
  std::string body;

  /// The value of that header, as written; "" without it.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// A blocking TCP client that speaks just enough HTTP and WebSocket to test a server with. Reads give up
/// after ten seconds, so that a test fails and does not hang.
class client {
 public:
  explicit client(std::uint16_t port, int receive_buffer = 0);
  ~client();
  client(client&& other) noexcept : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  client& operator=(client&&) = delete;

  // Bytes.
  bool write(std::string_view bytes);
  /// Up to `size` bytes; fewer at the end of the connection.
  std::string read(std::size_t size);
  /// Bytes that the last read got beyond what was asked for.
  [[nodiscard]] std::size_t buffered() const { return buffer_.size(); }
  /// True if the server ends the connection, with nothing more to read.
  bool at_end();
  void shut();

  // HTTP.
  answer get(std::string_view target, std::string_view headers = "") {
    return request("GET", target, "", headers);
  }
  answer post(std::string_view target, std::string_view body, std::string_view headers = "") {
    return request("POST", target, body, headers);
  }
  answer request(std::string_view method, std::string_view target, std::string_view body,
                 std::string_view headers);
  void send_request(std::string_view method, std::string_view target, std::string_view body = "",
                    std::string_view headers = "");
  answer read_answer(bool without_body = false);

  // WebSocket.
  answer upgrade(std::string_view target, std::string_view headers = "");
  void send_text(std::string_view text) { send_frame(0x81, text); }
  void send_binary(std::string_view bytes) { send_frame(0x82, bytes); }
  void send_frame(unsigned char first_byte, std::string_view content);
  /// A masked frame as bytes.
  static std::string frame_bytes(unsigned char first_byte, std::string_view content);
  /// The next frame: its first byte (0 at the end) and content.
  std::pair<int, std::string> frame();
  /// The content of the next frame.
  std::string text() { return frame().second; }

 private:
  bool fill();

  int fd_;
  std::string buffer_;  // read, not taken yet
};

/// The value of `"sid"` in a handshake.
std::string sid_of(std::string_view handshake);

}  // namespace emostream::net

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;

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
  client(client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)), buffer_(std::move(other.buffer_)) {}
  client& operator=(client&&) = delete;

  // Bytes.
  bool write(std::string_view bytes);
  /// Up to `size` bytes; fewer at the end of the connection.
  std::string read(std::size_t size);
  /// Bytes that the last read got beyond what was asked for.
  [[nodiscard]] std::size_t buffered() const { return buffer_.size(); }
  /// True if the server ends the connection, with nothing more to read.
  bool at_end();
  /// The FIN, without close_notify.
  void shut();

  // TLS, for all that follows.
  /// False if it cannot be agreed on. `max_version` as OpenSSL's TLS1_2_VERSION, 0 for any; `protocol` is
  /// offered by ALPN.
  bool start_tls(int max_version = 0, const std::string& protocol = "http/1.1");
  /// Sends what is written until then in as few segments as hold it.
  void cork(bool on);
  /// The name in the server's certificate.
  [[nodiscard]] std::string server_name() const;
  /// As "TLSv1.3".
  [[nodiscard]] std::string tls_version() const;
  [[nodiscard]] std::string tls_protocol() const;
  /// Asks for another handshake (TLS 1.2); true if the server takes part.
  bool renegotiate();
  /// Sends close_notify alone.
  void shut_tls();
  /// Reads one record's content of the connection's end: true if that is a close_notify.
  bool ends_with_close_notify();

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
  std::shared_ptr<ssl_st> tls_;
  std::string buffer_;  // read, not taken yet
};

/// The value of `"sid"` in a handshake.
std::string sid_of(std::string_view handshake);

}  // namespace emostream::net

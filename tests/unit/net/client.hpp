#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;

namespace emostream::net {

/// A response as received.
struct response {
  int status = 0;  ///< 0: the connection ended or timed out before a complete header
  std::string head;
  std::string body;

  /// The value of that header; "" if it is missing.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// A blocking TCP client with the parts of TLS, HTTP and WebSocket that the tests need. Reads and writes time
/// out after ten seconds, so that a test fails instead of hanging.
class client {
 public:
  explicit client(std::uint16_t port, int receive_buffer = 0);
  ~client();
  client(client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), tls_(std::move(other.tls_)), buffer_(std::move(other.buffer_)) {}
  client& operator=(client&&) = delete;

  // TCP.
  bool write(std::string_view bytes);
  /// Reads `size` bytes; fewer if the connection ends or times out.
  std::string read(std::size_t size);
  /// Bytes that have been received but not returned yet.
  [[nodiscard]] std::size_t buffered() const { return buffer_.size(); }
  /// True if the server closes or resets the connection without sending more.
  bool at_end();
  /// Sends a FIN; with TLS, without a close_notify before it.
  void send_fin();
  /// Sets TCP_CORK: while it is on, writes are combined into as few TCP segments as possible.
  void cork(bool on);

  // TLS.
  /// Starts TLS; false if the handshake fails. `max_version` is a constant such as TLS1_2_VERSION, 0 for any;
  /// `protocol` is offered via ALPN.
  bool start_tls(int max_version = 0, const std::string& protocol = "http/1.1");
  /// The common name in the server's certificate.
  [[nodiscard]] std::string certificate_common_name() const;
  /// For example "TLSv1.3".
  [[nodiscard]] std::string tls_version() const;
  /// The protocol that was negotiated via ALPN.
  [[nodiscard]] std::string alpn_protocol() const;
  /// Requests a renegotiation (TLS 1.2); true if the server accepts it.
  bool renegotiate();
  /// Sends a close_notify without a FIN.
  void send_close_notify();
  /// True if the server sends close_notify without sending more.
  bool ends_with_close_notify();

  // HTTP.
  response get(std::string_view target, std::string_view headers = "") {
    return request("GET", target, "", headers);
  }
  response post(std::string_view target, std::string_view body, std::string_view headers = "") {
    return request("POST", target, body, headers);
  }
  response request(std::string_view method, std::string_view target, std::string_view body,
                   std::string_view headers);
  void send_request(std::string_view method, std::string_view target, std::string_view body = "",
                    std::string_view headers = "");
  response read_response(bool without_body = false);

  // WebSocket.
  response upgrade(std::string_view target, std::string_view headers = "");
  void send_text(std::string_view text) { send_frame(0x81, text); }
  void send_binary(std::string_view bytes) { send_frame(0x82, bytes); }
  void send_frame(unsigned char first_byte, std::string_view content);
  /// The bytes of a masked WebSocket frame.
  static std::string frame_bytes(unsigned char first_byte, std::string_view content);
  /// Reads the next WebSocket frame: its first byte (0 if the connection ends or times out) and its content.
  std::pair<int, std::string> read_frame();
  /// Reads the next WebSocket frame, of any type; returns its content.
  std::string read_content() { return read_frame().second; }

 private:
  bool fill();

  int fd_;
  std::shared_ptr<ssl_st> tls_;
  std::string buffer_;  // received, but not returned yet
};

/// The value of `"sid"` in an Engine.IO handshake.
std::string sid_of(std::string_view handshake);

}  // namespace emostream::net

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/request_head.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/packet.hpp"
#include "net/asio.hpp"
#include "net/http/http_context.hpp"
#include "net/http/http_message.hpp"
#include "net/stream.hpp"
#include "net/websocket/websocket_frame.hpp"

namespace emostream::net {

/// Who hears a websocket_connection.
class websocket_listener {
 public:
  virtual void on_websocket_open() = 0;
  virtual void on_websocket_message(std::string_view content, bool binary) = 0;
  /// write() may be called again: all that had arrived is heard, or what write() was given is with the
  /// kernel.
  virtual void on_websocket_writable() = 0;
  /// The last call; also if it never opened.
  virtual void on_websocket_gone(engineio::close_reason reason) = 0;

 protected:
  ~websocket_listener() = default;
};

/// The answer to a request for a WebSocket that is not one as in RFC 6455 section 4.2.1.
std::optional<http_response> refuse_handshake(const request_head& head);

/// One WebSocket (RFC 6455) of the server's side. It keeps itself, and its listener, alive until it is gone.
class websocket_connection : public std::enable_shared_from_this<websocket_connection> {
 public:
  /// `header_lines` are for the answer to its request.
  websocket_connection(context& c, stream io, connection_slot slot, std::string header_lines);
  ~websocket_connection();

  /// Answers the request `head`, which refuse_handshake() has nothing against, then reads; messages over
  /// options::engineio.max_http_buffer_size end the connection with status 1009. Without a listener, it
  /// closes.
  void open(const request_head& head, std::shared_ptr<websocket_listener> listener);

  /// True if write() may be called: it is open, and no write is under way.
  [[nodiscard]] bool writable() const;
  /// True while the listener hears what has arrived; on_websocket_writable() follows. What is written only
  /// then answers several messages at once.
  [[nodiscard]] bool hearing() const;

  /// Writes each packet as one message, in as few system calls as the kernel allows. Takes what is in
  /// `packets`, and leaves an empty vector there. True if all is with the kernel; else
  /// on_websocket_writable() says when.
  bool write(std::vector<engineio::packet>& packets);

  /// Closes and is silent from here on. It is abrupt while a write is under way, since the client is not
  /// reading.
  void close();

 private:
  enum class phase;

  void agree_on_compression(const request_head& head);
  void on_opened(error_code ec);
  void read();
  void on_readable();
  void on_frame(opcode type, std::string_view content);
  void on_violation(close_code code);
  void resume();
  void send_control();
  bool flush();
  void part(std::string_view content, phase then);
  void limit_parting();
  void on_parted();
  void leave();
  void tell_gone(engineio::close_reason reason);
  void fail(const error_code& ec);
  void cut();

  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net

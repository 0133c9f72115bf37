#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/request.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/packet.hpp"
#include "net/asio.hpp"
#include "net/context.hpp"

namespace emostream::net {

/// Who hears a websocket_connection.
class websocket_listener {
 public:
  virtual void on_websocket_open() = 0;
  virtual void on_websocket_message(std::string_view content, bool binary) = 0;
  /// What write() was given is with the kernel.
  virtual void on_websocket_written() = 0;
  /// The last call; also if it never opened.
  virtual void on_websocket_gone(engineio::close_reason reason) = 0;

 protected:
  ~websocket_listener() = default;
};

/// One WebSocket (RFC 6455) of the server's side. It keeps itself, and its listener, alive until it is gone.
class websocket_connection : public std::enable_shared_from_this<websocket_connection> {
 public:
  websocket_connection(context& c, tcp_socket socket, connection_slot slot);
  ~websocket_connection();

  /// Answers the upgrade request `head`, then reads; messages over options::engineio.max_http_buffer_size end
  /// the connection with status 1009.
  void open(const request_head& head, std::shared_ptr<websocket_listener> listener);

  /// Answers the upgrade request `head`, and closes: nobody is to hear it.
  void turn_away(const request_head& head);

  /// True from on_websocket_open() to close() or on_websocket_gone().
  [[nodiscard]] bool is_open() const;

  /// Writes each packet as one message. Takes what is in `packets`, and leaves an empty vector there; not to
  /// be called again before on_websocket_written().
  void write(std::vector<engineio::packet>& packets);

  /// Closes and is silent from here on. It is abrupt while a write is under way, since the client is not
  /// reading.
  void close();

 private:
  void read();
  void write_next();
  void on_read(std::size_t size);
  void fail(engineio::close_reason reason);

  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace emostream::net

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/message.hpp"
#include "base/request_head.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/codec.hpp"
#include "engineio/handshake.hpp"

namespace emostream::server {

/// Receives the events of one Engine.IO session, on the I/O thread.
class engineio_session_handler {
 public:
  virtual ~engineio_session_handler() = default;
  virtual void on_message(const incoming_message& m) = 0;
  /// The last call: the session has ended, whichever side closed it.
  virtual void on_close(engineio::close_reason reason) = 0;
};

/// One Engine.IO session over polling or a WebSocket. I/O thread only.
class engineio_session {
 public:
  virtual ~engineio_session() = default;
  [[nodiscard]] virtual std::string_view id() const = 0;
  /// The version of Engine.IO that the client speaks.
  [[nodiscard]] virtual engineio::protocol version() const = 0;
  /// The current transport; an upgrade changes it.
  [[nodiscard]] virtual engineio::transport transport() const = 0;
  /// The request that opened the session.
  [[nodiscard]] virtual const shared_request& request() const = 0;
  /// Queues the messages of `batch` in order, without others in between. No effect after the close.
  virtual void send(std::span<const message> batch) = 0;
  /// Sends what is queued, then closes; engineio_session_handler::on_close() follows, normally with
  /// forced_server_close.
  virtual void close() = 0;
  /// Sets a lower limit than that of the options for the size of WebSocket messages and POST bodies from the
  /// client; nullopt removes it. A larger one closes the session.
  virtual void limit_messages(std::optional<std::size_t> max_bytes) = 0;
  /// Bytes that are queued, or written to a WebSocket and not yet taken by the kernel, with a fixed overhead
  /// for each packet.
  [[nodiscard]] virtual std::size_t buffered_bytes() const = 0;
  /// See engineio::session::writable().
  [[nodiscard]] virtual bool writable() const = 0;
};

/// Creates the handler of a new session, once its handshake has been sent; null closes the session.
using engineio_session_factory =
    std::function<std::unique_ptr<engineio_session_handler>(std::shared_ptr<engineio_session>)>;

}  // namespace emostream::server

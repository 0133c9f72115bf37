#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/message.hpp"

namespace emostream::socketio {

/// The output side of a client's connection, usually an Engine.IO session. Owned by the client, which keeps
/// it until the client itself is destroyed. I/O thread only.
class transport {
 public:
  virtual ~transport() = default;
  /// Queues the messages contiguously and in order. client::on_close() is not called during this call.
  virtual void send(std::span<const message> batch) = 0;
  /// Sends the queued messages, then closes; client::on_close() is called during or after this call.
  virtual void close() = 0;
  /// From now on messages may be larger than options::max_connect_bytes: the client has been accepted.
  virtual void accept_large_messages() = 0;
  /// Bytes that are queued and not yet written to the network.
  [[nodiscard]] virtual std::size_t buffered_bytes() const = 0;
  /// Whether a message would be sent immediately: nothing is buffered and, with polling, a poll is pending.
  [[nodiscard]] virtual bool writable() const = 0;
  /// The current transport: "polling" or "websocket".
  [[nodiscard]] virtual std::string_view name() const = 0;
};

}  // namespace emostream::socketio

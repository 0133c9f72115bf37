#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/message.hpp"

namespace emostream::socketio {

/// Where a client's output goes: its Engine.IO session. I/O thread only.
class transport {
 public:
  virtual ~transport() = default;
  /// Queues messages in order, not interleaved with others.
  virtual void send(std::span<const message> batch) = 0;
  /// Sends what is queued, then closes; client::on_close() follows, now or later.
  virtual void close() = 0;
  /// Bytes queued and not yet taken by the network.
  [[nodiscard]] virtual std::size_t buffered_bytes() const = 0;
  /// What it is at the moment: "polling" or "websocket".
  [[nodiscard]] virtual std::string_view name() const = 0;
};

}  // namespace emostream::socketio

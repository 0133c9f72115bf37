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

namespace emostream::net {

/// What the layer above receives from one Engine.IO session. All calls on the I/O thread.
class session_handler {
 public:
  virtual ~session_handler() = default;
  virtual void on_message(const incoming_message& m) = 0;
  /// The last call: the session is gone, whoever ended it.
  virtual void on_close(engineio::close_reason reason) = 0;
};

/// One Engine.IO session, whatever its transport at the moment, as the layer above sees it. I/O thread only.
class session {
 public:
  virtual ~session() = default;
  [[nodiscard]] virtual std::string_view id() const = 0;
  /// The version of Engine.IO that the client speaks.
  [[nodiscard]] virtual engineio::protocol version() const = 0;
  /// What it goes by at the moment.
  [[nodiscard]] virtual engineio::transport transport() const = 0;
  /// The request that opened the session.
  [[nodiscard]] virtual const shared_request& request() const = 0;
  /// Queues messages in order; they are not interleaved with others. After the close: no effect.
  virtual void send(std::span<const message> batch) = 0;
  /// Sends what is queued, then closes; on_close(forced_server_close) follows.
  virtual void close() = 0;
  /// Bytes accepted by send() and not yet given to the kernel.
  [[nodiscard]] virtual std::size_t buffered_bytes() const = 0;
};

/// Called for each new session once its handshake is out; returns who hears it.
using session_factory = std::function<std::unique_ptr<session_handler>(std::shared_ptr<session>)>;

}  // namespace emostream::net

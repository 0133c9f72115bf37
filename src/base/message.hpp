#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace emostream {

/// Immutable shared bytes: a broadcast is encoded once and shared by all its receivers.
using shared_bytes = std::shared_ptr<const std::string>;

/// One message of a transport, received or to be sent.
struct message {
  shared_bytes data;  ///< never null; UTF-8 if not binary
  bool binary = false;
  bool compress = true;  ///< transports may compress it

  static message text(std::string s) { return {std::make_shared<const std::string>(std::move(s)), false}; }
  static message bytes(std::string s) { return {std::make_shared<const std::string>(std::move(s)), true}; }
};

/// A received message, usually still in the receive buffer: `content` is valid only during the call that
/// delivers it. Use to_shared() to keep it longer.
struct incoming_message {
  std::string_view content;  ///< UTF-8 if not binary
  bool binary = false;
  shared_bytes shared = nullptr;  ///< owns `content`, if not null

  incoming_message(std::string_view borrowed, bool is_binary) : content(borrowed), binary(is_binary) {}
  incoming_message(message m) : content(*m.data), binary(m.binary), shared(std::move(m.data)) {}

  /// The content with shared ownership; copied if `shared` is null.
  [[nodiscard]] shared_bytes to_shared() const {
    return shared ? shared : std::make_shared<const std::string>(content);
  }
};

}  // namespace emostream

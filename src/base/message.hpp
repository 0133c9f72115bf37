#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace emostream {

/// Bytes that many hold and nobody changes: a broadcast is encoded once and shared by all its receivers.
using shared_bytes = std::shared_ptr<const std::string>;

/// One message as a transport carries it, either way.
struct message {
  shared_bytes data;  ///< never null; UTF-8 if not binary
  bool binary = false;
  bool compress = true;  ///< a transport may compress it

  static message text(std::string s) { return {std::make_shared<const std::string>(std::move(s)), false}; }
  static message bytes(std::string s) { return {std::make_shared<const std::string>(std::move(s)), true}; }
};

/// A message as it arrives, mostly still where it was received: `content` lasts as long as the call that
/// brings it; to_shared() gives one that lasts longer.
struct incoming_message {
  std::string_view content;  ///< UTF-8 if not binary
  bool binary = false;
  shared_bytes shared = nullptr;  ///< the content, if it has an owner already

  incoming_message(std::string_view borrowed, bool is_binary) : content(borrowed), binary(is_binary) {}
  incoming_message(message m) : content(*m.data), binary(m.binary), shared(std::move(m.data)) {}

  /// The content, copied if need be.
  [[nodiscard]] shared_bytes to_shared() const {
    return shared ? shared : std::make_shared<const std::string>(content);
  }
};

}  // namespace emostream

#pragma once

#include <memory>
#include <string>
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

}  // namespace emostream

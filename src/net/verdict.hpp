#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/request_head.hpp"

namespace emostream::net {

/// The answer to an allow_request hook, given once, now or later, on the I/O thread. What is said after the
/// first word, or when the client has gone or the time is up, has no effect. Destroyed unsaid, it refuses.
class verdict {
 public:
  /// Gets the reason for a refusal, or nothing.
  using receiver = std::move_only_function<void(std::optional<std::string>)>;

  explicit verdict(receiver r) : receiver_(std::move(r)) {}
  verdict(verdict&& other) noexcept : receiver_(std::exchange(other.receiver_, nullptr)) {}
  verdict& operator=(verdict&&) = delete;
  ~verdict() { refuse(); }

  void allow() { say(std::nullopt); }
  /// A polling client gets a 403 with `message`, a WebSocket a 400, as by the Node server.
  void refuse(std::string message = "Forbidden") { say(std::move(message)); }

 private:
  void say(std::optional<std::string> refusal) {
    if (auto tell = std::exchange(receiver_, nullptr)) tell(std::move(refusal));
  }

  receiver receiver_;
};

/// Judges a request that would open a session; `head` is valid until the verdict.
using request_judge = std::function<void(const request_head& head, verdict)>;

}  // namespace emostream::net

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/request_head.hpp"

namespace emostream::server {

/// The answer of an allow_request hook: call allow() or reject() once, immediately or later, on the I/O
/// thread. Further calls have no effect, and neither have calls after the client has disconnected or the
/// timeout has passed. An admission that is destroyed unanswered rejects the request.
class admission {
 public:
  /// Receives the message of a rejection, or nullopt if the request is allowed.
  using receiver = std::move_only_function<void(std::optional<std::string>)>;

  explicit admission(receiver r) : receiver_(std::move(r)) {}
  admission(admission&& other) noexcept : receiver_(std::exchange(other.receiver_, nullptr)) {}
  admission& operator=(admission&&) = delete;
  ~admission() { reject(); }

  void allow() { answer(std::nullopt); }
  /// A polling client gets a 403, a WebSocket client a 400, each with `message`, as from the Node.js server.
  void reject(std::string message = "Forbidden") { answer(std::move(message)); }

 private:
  void answer(std::optional<std::string> rejection) {
    if (auto receive = std::exchange(receiver_, nullptr)) receive(std::move(rejection));
  }

  receiver receiver_;
};

/// Decides whether a request may open a session. `request` may be kept.
using request_filter = std::function<void(const shared_request& request, admission)>;

}  // namespace emostream::server

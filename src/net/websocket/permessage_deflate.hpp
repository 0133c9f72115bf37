#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/message.hpp"
#include "base/request_head.hpp"
#include "net/deflate.hpp"
#include "net/websocket/message_compression.hpp"
#include "net/websocket/websocket_frame.hpp"

namespace emostream::net {

/// What both sides of a WebSocket agreed on (RFC 7692 section 7.1).
struct deflate_agreement {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = deflater::max_window_bits;
  int client_max_window_bits = deflater::max_window_bits;

  friend bool operator==(const deflate_agreement&, const deflate_agreement&) = default;
};

/// The first offer of the client's that `ours` can accept; nothing if there is none.
std::optional<deflate_agreement> negotiate_deflate(const request_head& head, const message_compression& ours);

/// The Sec-WebSocket-Extensions that tells the client.
std::string to_header(const deflate_agreement& agreed);

/// What needs no memory of earlier messages, for all connections of a server: one inflater, a deflater for
/// each window, and what was deflated last, so that a broadcast is deflated once.
class shared_deflate {
 public:
  /// `prefix` and `data` as one message.
  shared_bytes deflate(std::string_view prefix, const shared_bytes& data, int window_bits);
  /// Reset, for one message.
  inflater& fresh_inflater();

 private:
  std::array<std::optional<deflater>, deflater::max_window_bits + 1> deflaters_;  // by window
  std::optional<inflater> inflater_;
  struct {
    std::weak_ptr<const std::string> data;
    std::string_view prefix;
    int window_bits = 0;
    shared_bytes deflated;
  } last_;
};

/// permessage-deflate of one WebSocket, both ways. It holds memory only for a context that is taken over.
class message_deflate {
 public:
  /// `all` must outlive it.
  message_deflate(shared_deflate& all, const deflate_agreement& agreed, std::size_t threshold);

  /// What `prefix` and `data` become as a message with RSV1; null: send them as they are. `prefix` is of
  /// static storage.
  shared_bytes deflate(std::string_view prefix, const shared_bytes& data);

  /// Appends to `out`, which is empty, what the content of a message with RSV1 becomes: at most `limit`
  /// bytes. close_code::too_big, or close_code::bad_content, which stands for any content that is not what it
  /// should be.
  std::expected<void, close_code> inflate(std::string_view content, std::size_t limit, std::string& out);

 private:
  shared_deflate& shared_;
  deflate_agreement agreed_;
  std::size_t threshold_;
  std::optional<deflater> deflater_;  // if the context is taken over, from the first message on
  std::optional<inflater> inflater_;
};

}  // namespace emostream::net

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

/// The negotiated parameters of permessage-deflate (RFC 7692 section 7.1).
struct deflate_agreement {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = deflater::max_window_bits;
  int client_max_window_bits = deflater::max_window_bits;

  friend bool operator==(const deflate_agreement&, const deflate_agreement&) = default;
};

/// The parameters to accept for the client's first offer that is compatible with `ours`; nullopt if none is.
std::optional<deflate_agreement> negotiate_deflate(const request_head& head, const message_compression& ours);

/// The value of Sec-WebSocket-Extensions for the response.
std::string to_header(const deflate_agreement& agreed);

/// Compression without context takeover, shared by all connections of a server: one inflater, one deflater
/// for each window size, and the last deflated message, so that a broadcast is usually deflated once.
class shared_deflate {
 public:
  /// Deflates `prefix` and `data` as one message.
  shared_bytes deflate(std::string_view prefix, const shared_bytes& data, int window_bits);
  /// The inflater, reset for a new message.
  inflater& fresh_inflater();

 private:
  std::array<std::optional<deflater>, deflater::max_window_bits + 1> deflaters_;  // by window bits
  std::optional<inflater> inflater_;
  struct {
    std::weak_ptr<const std::string> data;
    std::string_view prefix;
    int window_bits = 0;
    shared_bytes deflated;
  } last_;
};

/// permessage-deflate of one WebSocket, in both directions. Only with context takeover does it hold memory
/// between messages.
class message_deflate {
 public:
  /// `shared` must outlive it.
  message_deflate(shared_deflate& shared, const deflate_agreement& agreed, std::size_t threshold);

  /// Deflates `prefix` and `data` as one message; null if it should be sent uncompressed. `prefix` must have
  /// static storage.
  shared_bytes deflate(std::string_view prefix, const shared_bytes& data);

  /// Inflates the payload of a compressed message into the empty `out`, at most `limit` bytes. Fails with
  /// close_code::too_big, or close_code::bad_content if it is malformed.
  std::expected<void, close_code> inflate(std::string_view content, std::size_t limit, std::string& out);

 private:
  shared_deflate& shared_;
  deflate_agreement agreed_;
  std::size_t threshold_;
  std::optional<deflater> deflater_;  // only with context takeover, from the first message on
  std::optional<inflater> inflater_;
};

}  // namespace emostream::net

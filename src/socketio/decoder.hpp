#pragma once

#include <cstddef>
#include <optional>

#include "base/message.hpp"
#include "base/result.hpp"
#include "socketio/options.hpp"
#include "socketio/packet.hpp"

namespace emostream::socketio {

/// Makes packets of the messages of one connection: a packet's text, then its attachments. After an error the
/// connection is to be closed; its further messages mean nothing.
class decoder {
 public:
  /// `limits` must outlive it.
  explicit decoder(const options& limits) : limits_(limits) {}

  /// The packet that `m` completes; nullopt while attachments are missing.
  result<std::optional<packet>> feed(message m);

  /// True between a packet's text and its last attachment.
  [[nodiscard]] bool incomplete() const { return head_.has_value(); }

 private:
  result<std::optional<packet>> take_text(const message& m);
  result<std::optional<packet>> take_attachment(message m);

  const options& limits_;
  std::optional<packet_head> head_;
  std::size_t attached_bytes_ = 0;
};

}  // namespace emostream::socketio

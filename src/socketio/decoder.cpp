#include "socketio/decoder.hpp"

#include <utility>

#include "socketio/error.hpp"

namespace emostream::socketio {

result<std::optional<packet>> decoder::feed(message m) {
  return m.binary ? take_attachment(std::move(m)) : take_text(m);
}

result<std::optional<packet>> decoder::take_text(const message& m) {
  if (head_) return failure(error::unexpected_text);
  auto parsed = parse_packet(*m.data, limits_);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->attachments == 0) return std::move(parsed->content);
  head_ = std::move(*parsed);
  attached_bytes_ = 0;
  return std::nullopt;
}

result<std::optional<packet>> decoder::take_attachment(message m) {
  if (!head_) return failure(error::unexpected_binary);
  attached_bytes_ += m.data->size();
  if (attached_bytes_ > limits_.max_attachment_bytes) return failure(error::attachments_too_large);
  auto& attachments = head_->content.attachments;
  attachments.push_back(std::move(m.data));
  if (attachments.size() < head_->attachments) return std::nullopt;
  packet complete = std::move(head_->content);
  head_.reset();
  return complete;
}

}  // namespace emostream::socketio

#include "socketio/error.hpp"

#include <string>

namespace emostream::socketio {

namespace {

class category final : public std::error_category {
  [[nodiscard]] const char* name() const noexcept override { return "socketio"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<error>(value)) {
      case error::ack_timeout:
        return "no acknowledgement in time";
      case error::disconnected:
        return "the socket is disconnected";
      case error::too_many_pending_acks:
        return "too many acknowledgements are pending";
      case error::empty_packet:
        return "empty packet";
      case error::unknown_type:
        return "unknown packet type";
      case error::bad_attachment_count:
        return "malformed number of attachments";
      case error::too_many_attachments:
        return "too many attachments";
      case error::attachments_too_large:
        return "attachments too large";
      case error::attachments_too_late:
        return "attachments did not arrive in time";
      case error::bad_id:
        return "missing, unexpected or malformed acknowledgement id";
      case error::bad_json:
        return "malformed or too deeply nested JSON";
      case error::bad_msgpack:
        return "malformed or too deeply nested MessagePack";
      case error::bad_payload:
        return "payload not allowed for the packet's type";
      case error::bad_placeholder:
        return "placeholder of a missing attachment";
      case error::unexpected_binary:
        return "attachment without a packet";
      case error::unexpected_text:
        return "text message where a binary message is expected";
      case error::unexpected_packet:
        return "packet not allowed in this state";
      case error::too_many_members:
        return "object with too many members";
      case error::too_many_values:
        return "packet with too many values";
      case error::name_too_long:
        return "name of a namespace or event too long";
      case error::too_large_to_connect:
        return "message too large for a client that is in no namespace";
      case error::too_many_rejections:
        return "too many rejected connections to namespaces";
    }
    return "unknown error " + std::to_string(value);
  }
};

}  // namespace

const std::error_category& error_category() {
  static const category instance;
  return instance;
}

std::error_code make_error_code(error e) {
  return {static_cast<int>(e), error_category()};
}

}  // namespace emostream::socketio

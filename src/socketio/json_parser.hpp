#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "socketio/packet.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

/// A packet decoded from its text message; its attachments follow as separate messages.
struct packet_header {
  packet content;
  std::size_t attachments = 0;  ///< the number of attachments that follow
};

/// Parses `<type>[<attachments>-][<namespace>,][<id>][<JSON>]` strictly.
result<packet_header> parse_packet(std::string_view text, const options& limits);

}  // namespace emostream::socketio

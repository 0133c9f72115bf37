#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "socketio/packet.hpp"
#include "socketio/socketio_options.hpp"

namespace emostream::socketio {

/// The text of a packet, whose attachments are still to come.
struct packet_head {
  packet content;
  std::size_t attachments = 0;
};

/// Parses `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`, strictly.
result<packet_head> parse_packet(std::string_view text, const options& limits);

}  // namespace emostream::socketio

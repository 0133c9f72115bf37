// websocket_reader with permessage-deflate. The first byte selects the size of the pieces in which the rest,
// the bytes of a client, arrives, the window size, and whether there is context takeover. An invalid frame
// or message ends the run. Inflated messages must stay within the limit, and deflating must not change them.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "net/websocket/permessage_deflate.hpp"
#include "net/websocket/websocket_reader.hpp"

using namespace emostream;
using namespace emostream::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t limit = 1000;
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 64U;
  const bool no_context_takeover = (data[0] & 0x80) != 0;
  const int bits = (data[0] & 0x40) != 0 ? 15 : 9;
  std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);

  shared_deflate shared;
  message_deflate codec(shared, {no_context_takeover, no_context_takeover, bits, bits}, 0);
  message_deflate peer(shared, {no_context_takeover, no_context_takeover, bits, bits}, 0);
  websocket_reader reader(limit, &codec);
  for (std::size_t at = 0; at < rest.size(); at += step) {
    reader.received(std::span(rest).subspan(at, std::min(step, rest.size() - at)));
    while (true) {
      const auto next = reader.next();
      if (!next) return 0;
      if (!*next) break;
      const auto [type, content] = **next;
      const bool message = type == opcode::text || type == opcode::binary;
      if (content.size() > (message ? limit : 125)) std::abort();
      if (type == opcode::text && !is_utf8(content)) std::abort();
      if (!message) continue;
      // Deflating and inflating a message must yield the same message.
      const auto copy = std::make_shared<const std::string>(content);
      const auto small = codec.deflate("", copy);
      std::string back;
      if (small && (!peer.inflate(*small, limit, back) || back != *copy)) std::abort();
    }
  }
  return 0;
}

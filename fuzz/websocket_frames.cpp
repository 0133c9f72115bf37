// websocket_reader. The first byte selects the size of the pieces in which the rest, the bytes of a client,
// arrives. Messages must stay within the limit, text must be UTF-8, and control frames must be short.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.hpp"
#include "net/websocket/websocket_reader.hpp"

using namespace emostream;
using namespace emostream::net;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t limit = 1000;
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 64U;
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);

  websocket_reader reader(limit);
  while (!rest.empty()) {
    std::string received(rest.substr(0, step));
    rest.remove_prefix(received.size());
    reader.received(received);
    while (true) {
      const auto next = reader.next();
      if (!next) return 0;
      if (!*next) break;
      const auto [type, content] = **next;
      const bool message = type == opcode::text || type == opcode::binary;
      if (content.size() > (message ? limit : 125)) std::abort();
      if (type == opcode::text && !is_utf8(content)) std::abort();
    }
  }
  return 0;
}

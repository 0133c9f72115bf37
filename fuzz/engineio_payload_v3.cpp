// The body of an Engine.IO 3 POST request, text or binary depending on the first byte of the input: decoding,
// encoding with and without base64, as a payload and as WebSocket messages, and decoding again must yield the
// same packets.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engineio/codec.hpp"

using namespace emostream::engineio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto packets = codec(protocol::v3, false).decode_payload(body, data[0] % 2 != 0, 100);
  if (!packets) return 0;
  for (const bool base64 : {false, true}) {
    const codec c(protocol::v3, base64);
    const auto payload = c.encode_payload(*packets);
    if (base64 && payload.binary) std::abort();
    const auto again = c.decode_payload(payload.bytes, payload.binary, 100);
    if (!again || again->size() != packets->size()) std::abort();
    for (std::size_t i = 0; i < packets->size(); ++i) {
      const auto& [a, b] = std::pair((*packets)[i], (*again)[i]);
      if (a.type != b.type || a.binary != b.binary || a.text() != b.text()) std::abort();
      const auto sent = c.to_websocket(a);
      const auto received = c.decode_websocket(std::string(sent.prefix()).append(sent.text()), sent.binary);
      if (!received || received->type != a.type || received->text() != a.text()) std::abort();
    }
  }
  return 0;
}

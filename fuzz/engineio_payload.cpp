// The body of a POST request: decoding, encoding and decoding again must yield the same packets.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engineio/packet.hpp"

using namespace emostream::engineio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packets = decode_payload({reinterpret_cast<const char*>(data), size}, 100);
  if (!packets) return 0;
  const auto again = decode_payload(encode_payload(*packets), 100);
  if (!again || again->size() != packets->size()) std::abort();
  for (std::size_t i = 0; i < packets->size(); ++i) {
    const auto& [a, b] = std::pair((*packets)[i], (*again)[i]);
    if (a.type != b.type || a.binary != b.binary || a.text() != b.text()) std::abort();
  }
  return 0;
}

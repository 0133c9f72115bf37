// head_scanner. The first byte selects the size of the pieces in which the rest arrives. The status must not
// depend on it, and a complete head must end at its empty line, have at most `max_fields` fields, and contain
// neither folded lines nor DEL.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http/head_scanner.hpp"

using namespace emostream::net;
using status = head_scanner::status;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_fields = 5;
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 16U;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  head_scanner whole(max_fields);
  const auto expected = whole.scan(bytes);
  head_scanner pieces(max_fields);
  auto found = status::incomplete;
  for (std::size_t end = 0; found == status::incomplete && end < bytes.size();) {
    end = std::min(end + step, bytes.size());
    found = pieces.scan(bytes.substr(0, end));
  }
  if (found != expected) std::abort();
  if (expected != status::complete) return 0;

  const auto head = bytes.substr(0, whole.size());
  if (pieces.size() != head.size() || !head.ends_with("\r\n\r\n")) std::abort();
  if (head.find("\r\n\r\n") != head.size() - 4) std::abort();
  if (std::ranges::count(head, '\n') != std::ranges::count(head, '\r')) std::abort();
  if (std::ranges::count(head, '\n') > static_cast<std::ptrdiff_t>(max_fields) + 2) std::abort();
  for (const auto* forbidden : {"\r\n ", "\r\n\t", "\x7f"})
    if (head.contains(forbidden)) std::abort();
  return 0;
}

#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace emostream {

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  const auto continues = [&](std::ptrdiff_t i) { return (p[i] & 0xC0) == 0x80; };

  while (p != end) {
    if (end - p >= 8) {  // most text is ASCII: eight at a time
      std::uint64_t word = 0;
      std::memcpy(&word, p, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        p += 8;
        continue;
      }
    }
    if (*p < 0x80) {
      ++p;
    } else if (*p >= 0xC2 && *p <= 0xDF) {
      if (end - p < 2 || !continues(1)) return false;
      p += 2;
    } else if (*p >= 0xE0 && *p <= 0xEF) {
      if (end - p < 3 || !continues(1) || !continues(2)) return false;
      if (*p == 0xE0 && p[1] < 0xA0) return false;   // overlong
      if (*p == 0xED && p[1] >= 0xA0) return false;  // surrogate
      p += 3;
    } else if (*p >= 0xF0 && *p <= 0xF4) {
      if (end - p < 4 || !continues(1) || !continues(2) || !continues(3)) return false;
      if (*p == 0xF0 && p[1] < 0x90) return false;   // overlong
      if (*p == 0xF4 && p[1] >= 0x90) return false;  // above U+10FFFF
      p += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace emostream

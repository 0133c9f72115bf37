#include "base/utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace emostream {

namespace {

/// The length of the ASCII prefix.
std::ptrdiff_t ascii_prefix(const unsigned char* const begin, const unsigned char* const end) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::ptrdiff_t block = 32;  // most text is ASCII, so check 32 bytes at a time
  const auto* p = begin;
  std::array<std::uint64_t, block / sizeof(std::uint64_t)> words;
  for (; end - p >= block; p += block) {
    std::memcpy(words.data(), p, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) break;
  }
  while (p != end && *p < 0x80) ++p;
  return p - begin;
}

/// The length of the character at the start of `text`; 0 if it is ill-formed.
std::size_t character_length(std::string_view text) {
  for (std::size_t n = 1; n <= 4 && n <= text.size(); ++n)
    if (is_utf8(text.substr(0, n))) return n;
  return 0;
}

/// The length of the ill-formed sequence at the start of `text`: of a character that lacks its last bytes, or
/// of one byte.
std::size_t ill_formed_length(std::string_view text) {
  for (std::size_t n = 3; n >= 2; --n) {
    if (n > text.size()) continue;
    const std::string start(text.substr(0, n));
    if (is_utf8(start + "\x80") || is_utf8(start + "\x80\x80")) return n;
  }
  return 1;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = p + text.size();
  const auto continues = [&](std::ptrdiff_t i) { return (p[i] & 0xC0) == 0x80; };

  while (p != end) {
    p += ascii_prefix(p, end);
    if (p == end) return true;
    if (*p >= 0xC2 && *p <= 0xDF) {
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

std::string replace_ill_formed_utf8(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t well_formed = 0;
    while (const auto size = character_length(text.substr(well_formed))) well_formed += size;
    out.append(text.substr(0, well_formed));
    text.remove_prefix(well_formed);
    if (text.empty()) break;
    out.append(replacement);
    text.remove_prefix(ill_formed_length(text));
  }
  return out;
}

}  // namespace emostream

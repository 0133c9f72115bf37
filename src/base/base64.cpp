#include "base/base64.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace emostream::base64 {

namespace {

const unsigned char* as_uchar(const char* p) {
  return reinterpret_cast<const unsigned char*>(p);
}
unsigned char* as_uchar(char* p) {
  return reinterpret_cast<unsigned char*>(p);
}

/// True for the 64 characters of the alphabet. EVP_DecodeBlock does not suffice: it skips white space at
/// both ends and accepts '=' anywhere, but RFC 4648 section 3.3 requires both to be rejected.
bool is_base64_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

std::string encode(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  // EVP_EncodeBlock writes a terminating NUL, for which std::string has a byte.
  EVP_EncodeBlock(as_uchar(out.data()), as_uchar(bytes.data()), static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> decode(std::string_view text) {
  std::string out;
  if (!decode(text, out)) return std::nullopt;
  return out;
}

bool decode(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 != 0) return false;
  if (text.empty()) return true;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (!std::ranges::all_of(text.substr(0, text.size() - padding), is_base64_character)) return false;

  out.resize(text.size() / 4 * 3);
  const auto size = static_cast<int>(text.size());
  const bool valid = EVP_DecodeBlock(as_uchar(out.data()), as_uchar(text.data()), size) >= 0;
  out.resize(valid ? out.size() - padding : 0);
  return valid;
}

bool decode_forgiving(std::string_view text, std::string& out) {
  if (decode(text, out)) return true;
  std::string tidy;
  tidy.reserve(text.size() + 3);
  for (const char c : text) {
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
    if (!is_space) tidy.push_back(c == '-' ? '+' : c == '_' ? '/' : c);
  }
  for (int i = 0; i < 2 && tidy.ends_with('='); ++i) tidy.pop_back();
  tidy.append((4 - tidy.size() % 4) % 4, '=');
  return decode(tidy, out);
}

}  // namespace emostream::base64

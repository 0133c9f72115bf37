// A JSON Web Token. Input that begins with 's' is "header\npayload" and is signed first, so that the claims
// are reached. Other input is a complete token and must never verify.

#include "auth/token.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.hpp"

using namespace emostream;

namespace {

std::string base64url(std::string_view bytes) {
  std::string text = base64::encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::string sign(std::string_view header, std::string_view payload, const std::string& secret) {
  std::string token = base64url(header) + '.' + base64url(payload);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac.data(), &size);
  return token + '.' + base64url({reinterpret_cast<const char*>(mac.data()), size});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string secret(32, 'k');
  static const auth::token_authority authority({.secret = secret, .issuer = {}, .audience = "app"});
  const wall_clock::time_point now{std::chrono::seconds(1'700'000'000)};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!text.starts_with('s')) {
    if (authority.verify(text, now)) std::abort();
    return 0;
  }
  text.remove_prefix(1);
  const auto end = text.find('\n');
  const auto payload = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  const auto claims = authority.verify(sign(text.substr(0, end), payload, secret), now);
  if (claims && (claims->subject.empty() || claims->expires_at + authority.leeway() <= now)) std::abort();
  return 0;
}

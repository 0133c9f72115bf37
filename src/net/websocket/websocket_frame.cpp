#include "net/websocket/websocket_frame.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

#include "base/base64.hpp"

namespace emostream::net {

namespace {

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
}

}  // namespace

void append_frame_header(std::string& out, opcode type, std::size_t size, bool deflated) {
  const unsigned char flags = deflated ? 0xC0 : 0x80;  // FIN, RSV1
  out.push_back(static_cast<char>(flags | static_cast<unsigned char>(type)));
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else if (size <= 0xFFFF) {
    out.push_back(126);
    append_big_endian(out, size, 2);
  } else {
    out.push_back(127);
    append_big_endian(out, size, 8);
  }
}

std::string close_frame_content(close_code code) {
  std::string content;
  append_big_endian(content, static_cast<std::uint16_t>(code), 2);
  return content;
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
    throw std::runtime_error("SHA-1 is not available");
  return base64::encode({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace emostream::net

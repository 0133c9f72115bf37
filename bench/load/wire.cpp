#include "load/wire.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

namespace emostream::bench {

namespace {

constexpr std::array<char, 4> mask{'\x37', '\xfa', '\x21', '\x3d'};

struct header {
  opcode op;
  std::size_t header_size;
  std::size_t payload_size;
};

std::optional<header> parse_header(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (!(byte(0) & 0x80) || (byte(0) & 0x70) || (byte(1) & 0x80))
    throw std::runtime_error("the server sent a fragment, an extension bit or a masked frame");
  std::size_t size = byte(1);
  const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (bytes.size() < 2 + more) return std::nullopt;
  if (more) size = 0;
  for (std::size_t i = 0; i < more; ++i) size = size << 8 | byte(2 + i);
  return header{static_cast<opcode>(byte(0) & 0x0f), 2 + more, size};
}

std::string base64_text(std::size_t bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text(bytes, '\0');
  for (std::size_t i = 0, x = 1; i < bytes; ++i, x = x * 5 + 7) text[i] = alphabet[x / 8 % alphabet.size()];
  return text;
}

exchange exchange_of(std::vector<frame> frames) {
  exchange e;
  for (const auto& f : frames) e.request += client_frame(f);
  e.answer = std::move(frames);
  return e;
}

}  // namespace

std::string upgrade_request(std::string_view path) {
  return "GET " + std::string(path) +
         "?EIO=4&transport=websocket HTTP/1.1\r\n"
         "Host: 127.0.0.1\r\n"
         "Connection: Upgrade\r\n"
         "Upgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
         "\r\n";
}

std::string client_frame(const frame& f) {
  const std::size_t size = f.payload.size();
  const int length_bytes = size < 126 ? 0 : size < 65'536 ? 2 : 8;
  const int length_code = length_bytes == 0 ? static_cast<int>(size) : length_bytes == 2 ? 126 : 127;
  std::string out;
  out += static_cast<char>(0x80 | static_cast<int>(f.op));
  out += static_cast<char>(0x80 | length_code);
  for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
  out.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(f.payload[i] ^ mask[i % 4]);
  return out;
}

exchange exchange::text(std::string_view name, std::size_t bytes) {
  return exchange_of({{opcode::text, "42[\"" + std::string(name) + "\",\"" + base64_text(bytes) + "\"]"}});
}

exchange exchange::binary(std::string_view name, std::size_t bytes) {
  return exchange_of({{opcode::text, "451-[\"" + std::string(name) + "\",{\"_placeholder\":true,\"num\":0}]"},
                      {opcode::binary, base64_text(bytes)}});
}

void frame_reader::feed(std::string_view bytes, const std::function<void(const received&)>& on_frame) {
  while (!bytes.empty()) {
    if (!in_payload_) {
      head_ += bytes.front();
      bytes.remove_prefix(1);
      const auto h = parse_header(head_);
      if (!h) continue;
      head_.clear();
      current_ = {h->op, '\0', h->payload_size, {}};
      missing_ = h->payload_size;
      in_payload_ = missing_ > 0;
      if (!in_payload_) on_frame(current_);
      continue;
    }
    const auto piece = bytes.substr(0, missing_);
    bytes.remove_prefix(piece.size());
    if (missing_ == current_.size) current_.first = piece.front();
    missing_ -= piece.size();
    in_payload_ = missing_ > 0;
    if (piece.size() == current_.size)
      current_.content = piece;
    else if (current_.size <= short_frame_)
      current_.content = content_ += piece;
    if (in_payload_) continue;
    on_frame(current_);
    content_.clear();
  }
}

}  // namespace emostream::bench

#include "engineio/packet.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "engineio/error.hpp"

namespace emostream::engineio {

namespace {

constexpr char separator = '\x1e';
constexpr std::string_view type_digits = "0123456";

shared_bytes share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

result<packet> decode_base64(std::string_view encoded) {
  auto bytes = base64::decode(encoded);
  if (!bytes) return failure(error::invalid_packet);
  return packet{packet_type::message, true, share(std::move(*bytes))};
}

}  // namespace

packet packet::of(packet_type type, std::string_view text) {
  return {type, false, text.empty() ? nullptr : share(std::string(text))};
}

std::string_view packet::prefix() const {
  if (binary) return {};
  if (type == packet_type::base64) return "b";
  return type_digits.substr(static_cast<std::size_t>(static_cast<char>(type) - '0'), 1);
}

result<packet> decode_websocket(std::string_view received, bool binary) {
  if (binary) return packet{packet_type::message, true, share(std::string(received))};
  if (received.empty()) return failure(error::invalid_packet);
  const auto type = static_cast<packet_type>(received.front());
  received.remove_prefix(1);
  if (type == packet_type::base64) return decode_base64(received);
  if (!type_digits.contains(static_cast<char>(type))) return failure(error::invalid_packet);
  if (type == packet_type::message)  // even if empty, since message::data is never null
    return packet{type, false, share(std::string(received))};
  return packet::of(type, received);
}

std::string encode_payload(std::span<const packet> packets) {
  std::size_t size = 0;
  for (const auto& p : packets) size += 2 + (p.binary ? (p.text().size() + 2) / 3 * 4 : p.text().size());
  std::string out;
  out.reserve(size);
  for (const auto& p : packets) {
    if (&p != packets.data()) out += separator;
    if (p.binary) {
      out += 'b';
      out += base64::encode(p.text());
    } else {
      out += p.prefix();
      out += p.text();
    }
  }
  return out;
}

result<std::vector<packet>> decode_payload(std::string_view payload, std::size_t max_packets) {
  const auto count = static_cast<std::size_t>(std::ranges::count(payload, separator)) + 1;
  if (count > max_packets) return failure(error::too_many_packets);
  if (!is_utf8(payload)) return failure(error::invalid_packet);

  std::vector<packet> packets;
  packets.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto end = std::min(payload.find(separator), payload.size());
    auto p = decode_websocket(payload.substr(0, end), false);
    if (!p) return std::unexpected(p.error());
    packets.push_back(std::move(*p));
    if (i + 1 < count) payload.remove_prefix(end + 1);
  }
  return packets;
}

}  // namespace emostream::engineio

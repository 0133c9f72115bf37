#include "engineio/codec.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "engineio/error.hpp"

namespace emostream::engineio {

namespace {

// Engine.IO 3, as implemented by engine.io-parser 2. A packet is its type followed by its data; the type is a
// digit, or a byte if the data is binary. Where binary data is not possible, a binary packet is `b`, the
// type's digit and base64. A payload is either text, where each packet is preceded by its length in UTF-16
// code units and `:`; or binary, where each packet is preceded by a byte that is 0 for text and 1 for binary,
// the decimal digits of its length in bytes as bytes 0 to 9, and 255.

constexpr char binary_message = 4;
constexpr std::string_view base64_message = "b4";
constexpr char end_of_length = '\xff';

constexpr bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// The number of UTF-16 code units of the character whose UTF-8 encoding starts with `c`.
constexpr std::size_t utf16_units(char c) {
  return static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) size += is_continuation(c) ? 0 : utf16_units(c);
  return size;
}

/// The prefix of `text` that has `length` UTF-16 code units; nullopt if `text` is shorter or the prefix would
/// split a character.
std::optional<std::string_view> utf16_prefix(std::string_view text, std::size_t length) {
  std::size_t end = 0;
  for (std::size_t counted = 0; end < text.size() && (counted < length || is_continuation(text[end])); ++end)
    if (!is_continuation(text[end])) counted += utf16_units(text[end]);
  const auto prefix = text.substr(0, end);
  return utf16_length(prefix) == length ? std::optional(prefix) : std::nullopt;
}

std::string base64_packet(const packet& p) {
  return std::string(base64_message) + base64::encode(p.text());
}

std::string with_type(const packet& p) {
  if (!p.binary) return std::string(p.prefix()).append(p.text());
  return std::string(1, binary_message).append(p.text());
}

result<packet> decode_v3(std::string_view packet_bytes, bool binary) {
  if (binary) {
    if (!packet_bytes.starts_with(binary_message)) return failure(error::invalid_packet);
    return decode_websocket(packet_bytes.substr(1), true);
  }
  if (!packet_bytes.starts_with('b')) return decode_websocket(packet_bytes, false);
  if (!packet_bytes.starts_with(base64_message)) return failure(error::invalid_packet);
  const auto bytes = base64::decode(packet_bytes.substr(base64_message.size()));
  if (!bytes) return failure(error::invalid_packet);
  return decode_websocket(*bytes, true);
}

std::string encode_text_v3(std::span<const packet> packets) {
  std::string out;
  for (const auto& p : packets) {
    const auto encoded = p.binary ? base64_packet(p) : with_type(p);
    out.append(std::to_string(utf16_length(encoded))).append(1, ':').append(encoded);
  }
  return out;
}

std::string encode_binary_v3(std::span<const packet> packets) {
  std::string out;
  for (const auto& p : packets) {
    const auto encoded = with_type(p);
    out.push_back(p.binary ? 1 : 0);
    for (const char digit : std::to_string(encoded.size())) out.push_back(static_cast<char>(digit - '0'));
    out.append(1, end_of_length).append(encoded);
  }
  return out;
}

/// An encoded packet within a payload.
struct payload_part {
  std::string_view bytes;
  bool binary;
};

std::optional<std::size_t> parse_length(std::string_view digits) {
  std::size_t length = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (ec != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return length;
}

/// Removes the next packet from the front of a text payload; nullopt if it is malformed.
std::optional<payload_part> take_text(std::string_view& rest) {
  const auto colon = rest.find(':');
  const auto length = parse_length(rest.substr(0, colon));
  if (colon == std::string_view::npos || !length) return std::nullopt;
  const auto bytes = utf16_prefix(rest.substr(colon + 1), *length);
  if (!bytes) return std::nullopt;
  rest.remove_prefix(colon + 1 + bytes->size());
  return payload_part{*bytes, false};
}

/// Removes the next packet from the front of a binary payload; nullopt if it is malformed.
std::optional<payload_part> take_binary(std::string_view& rest) {
  const bool binary = rest.front() == 1;
  const auto end = rest.find(end_of_length);
  if (rest.front() < 0 || rest.front() > 1 || end == std::string_view::npos) return std::nullopt;
  std::string digits(rest.substr(1, end - 1));
  for (char& digit : digits) digit = digit >= 0 && digit <= 9 ? static_cast<char>('0' + digit) : 'x';
  const auto length = parse_length(digits);
  rest.remove_prefix(end + 1);
  if (!length || *length > rest.size()) return std::nullopt;
  const payload_part taken{rest.substr(0, *length), binary};
  rest.remove_prefix(*length);
  if (!binary && !is_utf8(taken.bytes)) return std::nullopt;
  return taken;
}

result<std::vector<packet>> decode_payload_v3(std::string_view payload, bool binary,
                                              std::size_t max_packets) {
  if (payload.empty() || (!binary && !is_utf8(payload))) return failure(error::invalid_packet);
  std::vector<packet> packets;
  while (!payload.empty()) {
    if (packets.size() == max_packets) return failure(error::too_many_packets);
    const auto taken = binary ? take_binary(payload) : take_text(payload);
    if (!taken) return failure(error::invalid_packet);
    auto decoded = decode_v3(taken->bytes, taken->binary);
    if (!decoded) return std::unexpected(decoded.error());
    packets.push_back(std::move(*decoded));
  }
  return packets;
}

}  // namespace

payload codec::encode_payload(std::span<const packet> packets) const {
  if (version_ == protocol::v4) return {engineio::encode_payload(packets)};
  const bool binary = !base64_ && std::ranges::any_of(packets, &packet::binary);
  return {binary ? encode_binary_v3(packets) : encode_text_v3(packets), binary};
}

result<std::vector<packet>> codec::decode_payload(std::string_view payload, bool binary,
                                                  std::size_t max_packets) const {
  if (version_ == protocol::v3) return decode_payload_v3(payload, binary, max_packets);
  if (binary) return failure(error::octet_stream);
  return engineio::decode_payload(payload, max_packets);
}

packet codec::to_websocket(packet p) const {
  if (!p.binary || (version_ == protocol::v4 && !base64_)) return p;
  const auto text_content = [&] {  // after the `b`, which is prefix()
    return version_ == protocol::v3 ? base64_packet(p).substr(1) : base64::encode(p.text());
  };
  auto converted =
      base64_ ? packet::of(packet_type::base64, text_content()) : packet::of(message::bytes(with_type(p)));
  converted.compress = p.compress;
  return converted;
}

result<packet> codec::decode_websocket(std::string_view received, bool binary) const {
  return version_ == protocol::v4 ? engineio::decode_websocket(received, binary)
                                  : decode_v3(received, binary);
}

std::optional<std::string_view> codec::message_content(std::string_view received, bool binary) const {
  if (binary && version_ == protocol::v4) return received;
  if (!received.starts_with(binary ? binary_message : static_cast<char>(packet_type::message)))
    return std::nullopt;
  return received.substr(1);
}

}  // namespace emostream::engineio

#include "net/websocket/websocket_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/utf8.hpp"
#include "net/websocket/permessage_deflate.hpp"

namespace emostream::net {

namespace {

constexpr bool is_control(opcode type) {
  return static_cast<unsigned char>(type) >= 8;
}

/// Unmasks `from` into `to`, which may be the same memory. True if all of it is ASCII.
bool unmask(std::span<const char> from, char* to, const std::array<char, 4>& mask) {
  constexpr std::size_t block = 64;  // bytes per iteration, so that the compiler vectorizes the loop
  std::array<char, 8> mask_twice;
  std::copy_n(mask.data(), 4, std::copy_n(mask.data(), 4, mask_twice.data()));
  const auto pattern = std::bit_cast<std::uint64_t>(mask_twice);
  using words = std::array<std::uint64_t, block / sizeof pattern>;
  words seen_bits{};
  std::size_t i = 0;
  for (; i + block <= from.size(); i += block) {
    words unmasked;
    std::memcpy(unmasked.data(), from.data() + i, block);
    for (auto& word : unmasked) word ^= pattern;
    for (std::size_t j = 0; j < unmasked.size(); ++j) seen_bits[j] |= unmasked[j];
    std::memcpy(to + i, unmasked.data(), block);
  }
  unsigned char rest_bits = 0;
  for (; i < from.size(); ++i) {
    to[i] = static_cast<char>(from[i] ^ mask[i % mask.size()]);
    rest_bits |= static_cast<unsigned char>(to[i]);
  }
  std::uint64_t all_bits = rest_bits;
  for (const auto word : seen_bits) all_bits |= word;
  return (all_bits & 0x8080808080808080U) == 0;
}

/// True if the payload of a close frame is empty or begins with a valid code (RFC 6455 section 7.4).
bool is_valid_close(std::string_view content) {
  if (content.empty()) return true;
  if (content.size() == 1) return false;
  const auto code = static_cast<unsigned>(static_cast<unsigned char>(content[0])) << 8 |
                    static_cast<unsigned char>(content[1]);
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

/// Reads the header of a frame; false if more bytes are needed.
std::expected<bool, close_code> websocket_reader::read_header() {
  const auto read_until = [this](std::size_t wanted) {
    if (header_size_ >= wanted) return true;
    const auto size = std::min(wanted - header_size_, input_.size());
    std::memcpy(header_.data() + header_size_, input_.data(), size);
    header_size_ = static_cast<unsigned char>(header_size_ + size);
    input_ = input_.subspan(size);
    return header_size_ == wanted;
  };
  if (!read_until(2)) return false;
  // RSV1 is allowed only with permessage-deflate, the other reserved bits never; clients must mask.
  const auto reserved = header_[0] & (inflate_ ? 0x30 : 0x70);
  if (reserved != 0 || (header_[1] & 0x80) == 0) return std::unexpected(close_code::protocol_error);
  frame f{static_cast<opcode>(header_[0] & 0x0F),
          (header_[0] & 0x80) != 0,
          (header_[0] & 0x40) != 0,
          {},
          header_[1] & 0x7FU};
  const std::size_t extended = f.missing == 126 ? 2 : f.missing == 127 ? 8 : 0;
  if (!read_until(2 + extended + f.mask.size())) return false;
  if (extended != 0) {
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < extended; ++i) size = size << 8 | header_[2 + i];
    const bool shortest = size > (extended == 2 ? 125U : 0xFFFFU);
    if (!shortest || size >> 63 != 0) return std::unexpected(close_code::protocol_error);
    f.missing = size;
  }
  std::memcpy(f.mask.data(), header_.data() + 2 + extended, f.mask.size());
  header_size_ = 0;
  if (const auto wrong = violation(f)) return std::unexpected(*wrong);
  frame_ = f;
  return true;
}

std::optional<close_code> websocket_reader::violation(const frame& f) const {
  const bool first_of_message = f.type == opcode::text || f.type == opcode::binary;
  if (f.compressed && !first_of_message) return close_code::protocol_error;
  switch (f.type) {
    case opcode::continuation:
      if (!fragmented_) return close_code::protocol_error;
      break;
    case opcode::text:
    case opcode::binary:
      if (fragmented_) return close_code::protocol_error;
      break;
    case opcode::close:
    case opcode::ping:
    case opcode::pong:
      if (!f.final || f.missing > 125) return close_code::protocol_error;
      return std::nullopt;
    default:
      return close_code::protocol_error;
  }
  if (message_.size() > max_message_ || f.missing > max_message_ - message_.size())
    return close_code::too_big;
  return std::nullopt;
}

/// Appends a part of the frame to the incomplete message or control frame.
void websocket_reader::append(std::span<char> part, std::string& so_far) {
  const auto before = so_far.size();
  const auto arrived = before + part.size();
  // Reserves the announced size, but at most four times the size that has arrived.
  if (so_far.capacity() < arrived) so_far.reserve(std::min(before + frame_->missing, 4 * arrived));
  so_far.resize_and_overwrite(arrived, [&](char* bytes, std::size_t size) {
    const bool ascii = unmask(part, bytes + before, frame_->mask);
    if (!is_control(frame_->type)) ascii_ = ascii_ && ascii;
    return size;
  });
  std::ranges::rotate(frame_->mask, frame_->mask.begin() + part.size() % frame_->mask.size());
  frame_->missing -= part.size();
}

void websocket_reader::keep_input() {
  if (input_.empty() || input_.data() + input_.size() == kept_input_.data() + kept_input_.size()) return;
  kept_input_.assign(input_.data(), input_.size());
  input_ = kept_input_;
}

std::expected<std::optional<websocket_reader::incoming>, close_code> websocket_reader::next() {
  auto parsed = parse();
  if (parsed && !*parsed) std::string().swap(kept_input_);
  return parsed;
}

std::expected<std::optional<websocket_reader::incoming>, close_code> websocket_reader::parse() {
  if (!frame_) std::string().swap(control_);  // the last call returned a view of it
  if (!frame_ && !fragmented_) {
    std::string().swap(message_);
    ascii_ = true;
  }
  while (true) {
    if (!frame_) {
      const auto found = read_header();
      if (!found) return std::unexpected(found.error());
      if (!*found) return std::nullopt;
    }
    const auto part = input_.first(std::min(frame_->missing, input_.size()));
    input_ = input_.subspan(part.size());
    const auto type = frame_->type;
    const bool control = is_control(type);
    auto& so_far = control ? control_ : message_;
    const bool whole = part.size() == frame_->missing && so_far.empty();
    std::string_view content;
    if (whole && (control || (frame_->final && !fragmented_))) {
      const bool ascii = unmask(part, part.data(), frame_->mask);
      if (!control) ascii_ = ascii;
      content = {part.data(), part.size()};
    } else {
      append(part, so_far);
      if (frame_->missing != 0) return std::nullopt;
      content = so_far;
    }
    const bool final = frame_->final;
    if (!control && !fragmented_) compressed_ = frame_->compressed;
    frame_.reset();
    if (control) return checked(type, content);
    if (!final) {
      if (!fragmented_) fragmented_ = type;
      continue;
    }
    const auto message_type = std::exchange(fragmented_, std::nullopt).value_or(type);
    return compressed_ ? inflated(message_type, content) : checked(message_type, content);
  }
}

/// Inflates and checks a compressed message.
std::expected<websocket_reader::incoming, close_code> websocket_reader::inflated(opcode type,
                                                                                 std::string_view content) {
  std::string out;
  if (const auto done = inflate_->inflate(content, max_message_, out); !done)
    return std::unexpected(done.error());
  message_ = std::move(out);
  ascii_ = false;
  return checked(type, message_);
}

/// The message or control frame, if it is valid.
std::expected<websocket_reader::incoming, close_code> websocket_reader::checked(opcode type,
                                                                                std::string_view content) {
  if (type == opcode::text && !ascii_ && !is_utf8(content)) return std::unexpected(close_code::bad_content);
  if (type == opcode::close) {
    if (!is_valid_close(content)) return std::unexpected(close_code::protocol_error);
    if (content.size() > 2 && !is_utf8(content.substr(2))) return std::unexpected(close_code::bad_content);
  }
  return incoming{type, content};
}

}  // namespace emostream::net

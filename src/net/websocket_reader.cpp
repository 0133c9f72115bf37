#include "net/websocket_reader.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/utf8.hpp"

namespace emostream::net {

namespace {

constexpr std::size_t small_buffer = 512;  // of an idle connection
constexpr std::size_t large_buffer = 16'384;

constexpr bool is_control(opcode type) {
  return static_cast<unsigned char>(type) >= 8;
}

void unmask(char* bytes, std::size_t size, const std::array<char, 4>& mask) {
  std::array<char, 8> twice;
  std::copy_n(mask.data(), 4, std::copy_n(mask.data(), 4, twice.data()));
  std::uint64_t pattern = 0;
  std::memcpy(&pattern, twice.data(), sizeof pattern);
  std::size_t i = 0;
  for (; i + sizeof pattern <= size; i += sizeof pattern) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= pattern;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  for (; i < size; ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i % 4]);
}

/// RFC 6455 section 7.4: what an endpoint may send as the reason of its close.
bool is_close_content(std::string_view content) {
  if (content.empty()) return true;
  if (content.size() == 1) return false;
  const auto code = static_cast<unsigned>(static_cast<unsigned char>(content[0])) << 8 |
                    static_cast<unsigned char>(content[1]);
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

struct websocket_reader::frame {
  opcode type;
  bool final;
  std::size_t head;  // bytes before the content
  std::size_t size;  // of the content
};

std::span<char> websocket_reader::space() {
  const auto kept = end_ - begin_;
  const bool was_full = end_ == capacity_ && capacity_ != 0;
  // As much as is to come, but at most twice what did; and more than little once that was filled.
  const auto wanted = std::max(needed_, kept + 1);
  auto fitting = was_full || wanted > small_buffer ? large_buffer : small_buffer;
  if (wanted > fitting) fitting = std::min(wanted, std::max(fitting, 2 * kept));
  if (kept == 0 ? fitting != capacity_ : fitting > capacity_) {
    auto other = std::make_unique_for_overwrite<char[]>(fitting);
    std::copy_n(bytes_.get() + begin_, kept, other.get());
    bytes_ = std::move(other);
    capacity_ = fitting;
    begin_ = 0;
  } else if (begin_ != 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, kept);
    begin_ = 0;
  }
  end_ = kept;
  return {bytes_.get() + end_, capacity_ - end_};
}

std::expected<std::optional<websocket_reader::frame>, close_code> websocket_reader::head() {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[begin_ + i]); };
  const auto available = end_ - begin_;
  if (available < 2) return std::nullopt;
  frame f{static_cast<opcode>(byte(0) & 0x0F), (byte(0) & 0x80) != 0, 0, byte(1) & 0x7FU};
  // No extension was agreed on, and a client masks.
  if ((byte(0) & 0x70) != 0 || (byte(1) & 0x80) == 0) return std::unexpected(close_code::protocol_error);

  const std::size_t extended = f.size == 126 ? 2 : f.size == 127 ? 8 : 0;
  f.head = 2 + extended + 4;
  if (available < f.head) return std::nullopt;
  if (extended != 0) {
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < extended; ++i) size = size << 8 | byte(2 + i);
    const bool shortest = size > (extended == 2 ? 125U : 0xFFFFU);
    if (!shortest || size >> 63 != 0) return std::unexpected(close_code::protocol_error);
    f.size = size;
  }
  if (const auto wrong = violation(f)) return std::unexpected(*wrong);
  return f;
}

std::optional<close_code> websocket_reader::violation(const frame& f) const {
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
      if (!f.final || f.size > 125) return close_code::protocol_error;
      return std::nullopt;
    default:
      return close_code::protocol_error;
  }
  if (f.size > max_message_ - fragments_.size()) return close_code::too_big;
  return std::nullopt;
}

std::expected<std::optional<websocket_reader::incoming>, close_code> websocket_reader::next() {
  if (!fragmented_) std::string().swap(fragments_);  // handed out by the last call
  while (true) {
    needed_ = 0;
    const auto found = head();
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::nullopt;
    const frame& f = **found;
    if (end_ - begin_ < f.head + f.size) {
      needed_ = f.head + f.size;
      return std::nullopt;
    }
    char* const start = bytes_.get() + begin_ + f.head;
    std::array<char, 4> mask;
    std::copy_n(start - mask.size(), mask.size(), mask.data());
    unmask(start, f.size, mask);
    begin_ += f.head + f.size;

    incoming complete{f.type, {start, f.size}};
    if (!is_control(f.type) && (!f.final || fragmented_)) {
      fragments_.append(complete.content);
      if (!fragmented_) fragmented_ = f.type;
      if (!f.final) continue;
      complete = {*std::exchange(fragmented_, std::nullopt), fragments_};
    }
    if (complete.type == opcode::text && !is_utf8(complete.content))
      return std::unexpected(close_code::not_utf8);
    if (complete.type == opcode::close) {
      if (!is_close_content(complete.content)) return std::unexpected(close_code::protocol_error);
      if (complete.content.size() > 2 && !is_utf8(complete.content.substr(2)))
        return std::unexpected(close_code::not_utf8);
    }
    return complete;
  }
}

}  // namespace emostream::net

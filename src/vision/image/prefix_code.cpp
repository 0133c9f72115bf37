#include "vision/image/prefix_code.hpp"

#include <algorithm>
#include <numeric>

namespace emostream::vision {

bool prefix_code::read_from(bit_reader& bits, int symbols) {
  // A simple code may name symbols up to 255 even if the alphabet is smaller.
  constexpr int named_symbols = 256;
  std::vector<std::uint8_t> lengths(static_cast<std::size_t>(std::max(symbols, named_symbols)));
  const auto alphabet = std::span(lengths).first(static_cast<std::size_t>(symbols));
  if (bits.read(1) != 0) {
    const bool has_two = bits.read(1) != 0;
    const int first_bits = bits.read(1) != 0 ? 8 : 1;
    lengths[bits.read(first_bits)] = 1;
    if (has_two) lengths[bits.read(8)] = 1;
  } else if (!read_lengths(bits, alphabet)) {
    return false;
  }
  return !bits.is_at_end() && build(alphabet);
}

int prefix_code::next(bit_reader& bits) const {
  if (symbols_.size() == 1) return symbols_.front();  // takes no bits
  // The codes of one length are consecutive numbers, which begin after twice the last code of the length
  // before.
  int code = 0;
  int first_code = 0;
  std::size_t first_symbol = 0;
  for (std::size_t length = 1; length <= max_length; ++length) {
    code = code << 1 | static_cast<int>(bits.read(1));
    const int count = counts_[length];
    if (code - first_code < count)
      return symbols_[first_symbol + static_cast<std::size_t>(code - first_code)];
    first_symbol += static_cast<std::size_t>(count);
    first_code = (first_code + count) << 1;
  }
  return 0;  // not reached, since the code is complete
}

bool prefix_code::build(std::span<const std::uint8_t> lengths) {
  counts_.fill(0);
  for (const auto length : lengths) ++counts_[length];
  counts_[0] = 0;
  symbols_.resize(static_cast<std::size_t>(std::reduce(counts_.begin(), counts_.end())));
  if (symbols_.size() == 1) {
    symbols_.front() = static_cast<std::uint16_t>(std::ranges::max_element(lengths) - lengths.begin());
    return true;
  }
  int unused = 1;  // codes of the current length that are not taken
  std::array<std::size_t, max_length + 1> next{};
  for (std::size_t length = 1; length <= max_length; ++length) {
    unused = unused * 2 - counts_[length];
    if (unused < 0) return false;
    if (length < max_length) next[length + 1] = next[length] + static_cast<std::size_t>(counts_[length]);
  }
  if (unused != 0) return false;
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
    if (lengths[symbol] != 0) symbols_[next[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
  return true;
}

bool prefix_code::read_lengths(bit_reader& bits, std::span<std::uint8_t> lengths) {
  constexpr std::array<std::uint8_t, 19> order{17, 18, 0, 1,  2,  3,  4,  5,  16, 6,
                                               7,  8,  9, 10, 11, 12, 13, 14, 15};
  std::array<std::uint8_t, order.size()> token_lengths{};
  const std::size_t given = bits.read(4) + 4;
  for (std::size_t i = 0; i < given; ++i) token_lengths[order[i]] = static_cast<std::uint8_t>(bits.read(3));
  prefix_code tokens;
  if (!tokens.build(token_lengths)) return false;
  std::size_t token_limit = lengths.size();
  if (bits.read(1) != 0) {
    const int limit_bits = 2 + 2 * static_cast<int>(bits.read(3));
    token_limit = 2 + bits.read(limit_bits);
    if (token_limit > lengths.size()) return false;
  }
  std::uint8_t previous = 8;
  for (std::size_t symbol = 0; symbol < lengths.size() && token_limit > 0; --token_limit) {
    const int token = tokens.next(bits);
    if (token < 16) {
      lengths[symbol++] = static_cast<std::uint8_t>(token);
      if (token != 0) previous = static_cast<std::uint8_t>(token);
      continue;
    }
    const std::size_t times = token == 16   ? 3 + bits.read(2)
                              : token == 17 ? 3 + bits.read(3)
                                            : 11 + bits.read(7);
    if (times > lengths.size() - symbol) return false;
    std::ranges::fill(lengths.subspan(symbol, times), token == 16 ? previous : std::uint8_t{0});
    symbol += times;
  }
  return true;
}

}  // namespace emostream::vision

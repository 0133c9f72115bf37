#include <algorithm>
#include <random>

#include "bit_writer.hpp"
#include "generators.hpp"

namespace emostream::fuzzing {

namespace {

constexpr std::size_t max_bytes = 980'000;

void put_number(bytes& to, int value) {
  to.push_back(static_cast<std::uint8_t>(value));
  to.push_back(static_cast<std::uint8_t>(value >> 8));
}

/// Writes LZW codes of the number of bits that a decoder expects.
class code_writer {
 public:
  code_writer(bytes& to, int colour_bits) : bits_(to), colour_bits_(colour_bits) { put(clear_code()); }

  void put(int code) {
    bits_.put(static_cast<std::uint32_t>(code), code_bits_);
    if (code == clear_code()) {
      next_ = clear_code() + 2;
      code_bits_ = colour_bits_ + 1;
      is_first_ = true;
    } else if (is_first_) {
      is_first_ = false;
    } else if (next_ < 4096 && ++next_ == 1 << code_bits_ && code_bits_ < 12) {
      ++code_bits_;
    }
  }
  [[nodiscard]] int clear_code() const { return 1 << colour_bits_; }
  /// The largest code that may follow.
  [[nodiscard]] int largest() const { return is_first_ ? clear_code() - 1 : std::min(next_, 4095); }

 private:
  bit_writer bits_;
  const int colour_bits_;
  int code_bits_ = colour_bits_ + 1;
  int next_ = 0;
  bool is_first_ = true;
};

bytes choose_codes(choices& from, int colour_bits) {
  bytes codes;
  code_writer to(codes, colour_bits);
  const std::size_t size = from.of<std::size_t>({max_bytes, 10'000, 100'000});
  const auto kind = from.below(4);
  const unsigned clear_every = from.of({0U, 1U, 2U, 300U, 5000U});
  std::minstd_rand random(static_cast<unsigned>(1 + from.below(1000)));
  for (unsigned i = 0; codes.size() < size; ++i) {
    if (clear_every != 0 && i % clear_every == 0) to.put(to.clear_code());
    int code = to.largest();  // a string longer than all before
    if (kind == 1) code = 0;
    if (kind == 2) code = static_cast<int>(random() % static_cast<unsigned>(to.largest() + 1));
    if (kind == 3) code = i % 2 == 0 ? to.largest() : 0;
    const bool is_colour = code < to.clear_code() || code > to.clear_code() + 1;
    to.put(is_colour ? code : 0);
  }
  return codes;
}

}  // namespace

bytes gif_image(choices& from) {
  const picture_size size = choose_size(from, 64'800);
  const int colour_bits = from.between(2, 8);
  bytes gif{'G', 'I', 'F', '8', '9', 'a'};
  put_number(gif, size.width);
  put_number(gif, size.height);
  gif.insert(gif.end(), {static_cast<std::uint8_t>(0x80 | (colour_bits - 1)), 0, 0});
  const bytes colours = choose_samples(from, std::size_t{3} << colour_bits);
  gif.insert(gif.end(), colours.begin(), colours.end());
  gif.push_back(0x2C);
  for (const int number : {0, 0, size.width, size.height}) put_number(gif, number);
  gif.push_back(from.flag() ? 0x40 : 0);  // interlaced
  gif.push_back(static_cast<std::uint8_t>(colour_bits));
  const bytes codes = choose_codes(from, colour_bits);
  const auto part = from.of<std::size_t>({255, 1});
  for (std::size_t at = 0; at < codes.size() && gif.size() + part < max_bytes; at += part) {
    const auto block = std::span(codes).subspan(at, std::min(part, codes.size() - at));
    gif.push_back(static_cast<std::uint8_t>(block.size()));
    gif.insert(gif.end(), block.begin(), block.end());
  }
  gif.push_back(0);
  return gif;
}

}  // namespace emostream::fuzzing

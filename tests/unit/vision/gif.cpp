#include "vision/gif.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace emostream::vision::testing {

namespace {

void put(bytes& to, int number) {
  to.push_back(static_cast<std::uint8_t>(number));
  to.push_back(static_cast<std::uint8_t>(number >> 8));
}

void put_palette(bytes& to, int colour_bits) {
  for (int number = 0; number < 1 << colour_bits; ++number) {
    const auto colour = gif_colour(static_cast<std::uint8_t>(number));
    to.insert(to.end(), colour.begin(), colour.end());
  }
}

/// Writes codes of a growing number of bits.
class code_writer {
 public:
  explicit code_writer(int colour_bits) : clear_(1 << colour_bits), colour_bits_(colour_bits) { reset(); }

  void write_string_of(const std::vector<std::uint8_t>& colours) {
    put_code(clear_);
    int prefix = colours.front();
    for (std::size_t i = 1; i < colours.size(); ++i) {
      const auto known = table_.find({prefix, colours[i]});
      if (known != table_.end()) {
        prefix = known->second;
        continue;
      }
      put_code(prefix);
      add({prefix, colours[i]});
      prefix = colours[i];
    }
    put_code(prefix);
    put_code(clear_ + 1);
    if (bits_ > 0) content.push_back(static_cast<std::uint8_t>(window_));
  }
  bytes content;

 private:
  void reset() {
    table_.clear();
    next_ = clear_ + 2;
    code_bits_ = colour_bits_ + 1;
  }
  void add(const std::pair<int, std::uint8_t>& string) {
    if (next_ == 4096) {
      put_code(clear_);
      reset();
      return;
    }
    table_[string] = next_++;
    if (next_ > 1 << code_bits_ && code_bits_ < 12) ++code_bits_;
  }
  void put_code(int code) {
    window_ |= static_cast<std::uint32_t>(code) << bits_;
    for (bits_ += code_bits_; bits_ >= 8; bits_ -= 8, window_ >>= 8)
      content.push_back(static_cast<std::uint8_t>(window_));
  }

  const int clear_;
  const int colour_bits_;
  std::map<std::pair<int, std::uint8_t>, int> table_;
  int next_ = 0;
  int code_bits_ = 0;
  std::uint32_t window_ = 0;
  int bits_ = 0;
};

/// The rows in the order in which an interlaced image stores them.
std::vector<std::uint8_t> interlaced(const std::vector<std::uint8_t>& colours, int width, int height) {
  std::vector<std::uint8_t> out;
  constexpr std::pair<int, int> passes[]{{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  for (const auto& [first, step] : passes)
    for (int y = first; y < height; y += step) {
      const auto row = colours.begin() + static_cast<std::ptrdiff_t>(y) * width;
      out.insert(out.end(), row, row + width);
    }
  return out;
}

}  // namespace

std::array<std::uint8_t, 3> gif_colour(std::uint8_t number) {
  return {number, static_cast<std::uint8_t>(255 - number), static_cast<std::uint8_t>(number * 7)};
}

bytes to_gif(const std::vector<std::uint8_t>& colours, const gif_parameters& p) {
  bytes gif{'G', 'I', 'F', '8', '9', 'a'};
  const int palette_flags = 0x80 | (p.colour_bits - 1);
  put(gif, p.screen_width);
  put(gif, p.screen_height);
  gif.insert(gif.end(), {static_cast<std::uint8_t>(p.own_palette ? 0 : palette_flags), 0, 0});
  if (!p.own_palette) put_palette(gif, p.colour_bits);
  gif.insert(gif.end(), {0x21, 0xFE, 3, 'h', 'i', '!', 2, ':', ')', 0});  // a comment
  if (p.transparent) gif.insert(gif.end(), {0x21, 0xF9, 4, 1, 0, 0, *p.transparent, 0});
  gif.push_back(0x2C);
  for (const int number : {p.left, p.top, p.width, p.height}) put(gif, number);
  gif.push_back(static_cast<std::uint8_t>((p.own_palette ? palette_flags : 0) | (p.interlaced ? 0x40 : 0)));
  if (p.own_palette) put_palette(gif, p.colour_bits);
  gif.push_back(static_cast<std::uint8_t>(p.colour_bits));
  code_writer codes(p.colour_bits);
  codes.write_string_of(p.interlaced ? interlaced(colours, p.width, p.height) : colours);
  for (std::size_t at = 0; at < codes.content.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(codes.content.size() - at, 255);
    gif.push_back(static_cast<std::uint8_t>(size));
    const auto block = codes.content.begin() + static_cast<std::ptrdiff_t>(at);
    gif.insert(gif.end(), block, block + static_cast<std::ptrdiff_t>(size));
  }
  gif.insert(gif.end(), {0, 0x3B});
  return gif;
}

}  // namespace emostream::vision::testing

#include "webp_chunks.hpp"

#include <algorithm>
#include <random>

#include "bit_writer.hpp"

namespace emostream::fuzzing {

namespace {

void put_number(bytes& to, std::size_t value, int size) {
  for (int i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

std::size_t tiles(int side, int bits) {
  return (static_cast<std::size_t>(side) + (std::size_t{1} << bits) - 1) >> bits;
}

/// The kinds of prefix codes that the search combines.
enum class code_kind {
  one,   ///< one symbol, which takes no bits
  two,   ///< two symbols of one bit
  flat,  ///< 16 symbols of 4 bits
  deep,  ///< symbols of 1 to 15 bits
};

class lossless_writer {
 public:
  lossless_writer(bytes& to, choices& from) : to_(to), bits_(to), from_(from) {}

  void put_stream(picture_size size) {
    if (from_.flag()) put_tile_transform(0, size);
    if (from_.flag()) put_tile_transform(1, size);
    if (from_.flag()) put_transform(2);
    bits_.put(0, 1);  // no further transform
    put_cache();
    const int tile_bits = from_.of({2, 3, 4, 5});
    std::size_t groups = 1;
    if (from_.flag()) {
      groups = 1 + from_.below(from_.of<std::size_t>({2600, 1000, 500, 100, 65'536}));
      bits_.put(1, 1);
      bits_.put(static_cast<std::uint32_t>(tile_bits - 2), 3);
      put_group_image(tiles(size.width, tile_bits) * tiles(size.height, tile_bits), groups);
    } else {
      bits_.put(0, 1);
    }
    put_groups(groups);
  }

 private:
  void put_transform(std::uint32_t type) {
    bits_.put(1, 1);
    bits_.put(type, 2);
  }
  /// A predictor or colour transform: with the same value for each tile, which takes no bits, or with deep
  /// codes and random values.
  void put_tile_transform(std::uint32_t type, picture_size size) {
    put_transform(type);
    const int tile_bits = from_.of({2, 3, 9});
    bits_.put(static_cast<std::uint32_t>(tile_bits - 2), 3);
    bits_.put(0, 1);  // no colour cache
    if (from_.flag()) {
      for (int code = 0; code < 5; ++code) put_code(code_kind::deep);
      std::minstd_rand random(static_cast<unsigned>(1 + from_.below(1000)));
      const std::uint32_t fill = from_.of<std::uint32_t>({0, 0xFF});
      // A symbol takes 15 bits at most, a pixel four symbols.
      for (auto left = tiles(size.width, tile_bits) * tiles(size.height, tile_bits) * 8; left > 0; --left)
        bits_.put(static_cast<std::uint32_t>(random() & 0x11) ^ fill, 8);
      return;
    }
    put_one(static_cast<std::uint32_t>(from_.between(0, 13)));
    for (int code = 0; code < 4; ++code) put_one(0);
  }
  void put_cache() {
    const int cache_bits = from_.of({0, 1, 10, 11});
    bits_.put(cache_bits > 0 ? 1 : 0, 1);
    if (cache_bits > 0) bits_.put(static_cast<std::uint32_t>(cache_bits), 4);
  }

  /// The image of group numbers, in its red and green channels.
  void put_group_image(std::size_t pixels, std::size_t groups) {
    bits_.put(0, 1);  // no colour cache
    const std::vector<int> all_values(256, 8);
    put_lengths(all_values);                          // green
    put_lengths(all_values);                          // red
    for (int code = 0; code < 3; ++code) put_one(0);  // blue, alpha, distance
    const std::size_t step = from_.of<std::size_t>({1, 7, 4099});
    std::size_t group = 0;
    for (std::size_t i = 0; i < pixels; ++i, group = (group + step) % groups) {
      bits_.put_code(static_cast<std::uint32_t>(group % 256), 8);
      bits_.put_code(static_cast<std::uint32_t>(group / 256), 8);
    }
  }

  void put_groups(std::size_t groups) {
    code_kind kinds[5];
    for (auto& kind : kinds)
      kind = from_.of({code_kind::one, code_kind::two, code_kind::flat, code_kind::deep});
    for (std::size_t group = 0; group < groups; ++group)
      for (const code_kind kind : kinds) put_code(kind);
    std::minstd_rand random(static_cast<unsigned>(1 + from_.below(1000)));
    const std::uint32_t mask = from_.of<std::uint32_t>({0, 0xFF, 0x11, 0x7F});
    const std::uint32_t fill = from_.of<std::uint32_t>({0, 0xFF});
    constexpr std::size_t max_size = 999'900;  // of the file, without its headers
    for (std::size_t left = from_.below(65'536) * 16; left > 0 && to_.size() < max_size; --left)
      bits_.put((static_cast<std::uint32_t>(random()) & mask) ^ fill, 8);
  }

  void put_code(code_kind kind) {
    switch (kind) {
      case code_kind::one:
        return put_one(0);
      case code_kind::two:
        return put_two();
      case code_kind::flat:
        return put_lengths(std::vector<int>(16, 4));
      case code_kind::deep:
        return put_lengths({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15});
    }
  }
  void put_one(std::uint32_t symbol) {
    bits_.put(0b101, 3);  // a simple code of one symbol, which is given in 8 bits
    bits_.put(symbol, 8);
  }
  void put_two() {
    bits_.put(0b011, 3);  // a simple code of two symbols, the first given in one bit
    bits_.put(0, 1);
    bits_.put(200, 8);
  }
  /// A code whose first symbols have the given lengths. Each length takes 4 bits.
  void put_lengths(const std::vector<int>& lengths) {
    bits_.put(0, 1);
    bits_.put(15, 4);  // the code of the lengths: 19 lengths, in the order 17 18 0 1 2 3 4 5 16 6 … 15
    for (int i = 0; i < 19; ++i) bits_.put(i < 2 || i == 8 ? 0 : 4, 3);
    bits_.put(1, 1);
    bits_.put(3, 3);  // the number of lengths has 8 bits
    bits_.put(static_cast<std::uint32_t>(lengths.size() - 2), 8);
    for (const int length : lengths) bits_.put_code(static_cast<std::uint32_t>(length), 4);
  }

  const bytes& to_;
  bit_writer bits_;
  choices& from_;
};

}  // namespace

bytes chunk(std::string_view type, std::span<const std::uint8_t> data) {
  bytes out(type.begin(), type.end());
  put_number(out, data.size(), 4);
  out.insert(out.end(), data.begin(), data.end());
  if (out.size() % 2 != 0) out.push_back(0);
  return out;
}

bytes riff(const bytes& chunks) {
  bytes out{'R', 'I', 'F', 'F'};
  put_number(out, chunks.size() + 4, 4);
  for (const char c : std::string_view("WEBP")) out.push_back(static_cast<std::uint8_t>(c));
  out.insert(out.end(), chunks.begin(), chunks.end());
  return out;
}

bytes extended_header(picture_size size) {
  bytes data{0x10, 0, 0, 0};
  put_number(data, static_cast<std::size_t>(size.width - 1), 3);
  put_number(data, static_cast<std::size_t>(size.height - 1), 3);
  return chunk("VP8X", data);
}

void put_lossless_stream(bytes& to, choices& from, picture_size size) {
  lossless_writer(to, from).put_stream(size);
}

}  // namespace emostream::fuzzing

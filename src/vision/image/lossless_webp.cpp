#include "vision/image/lossless_webp.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "vision/image/prefix_code.hpp"

namespace emostream::vision {

namespace {

// Alphabets (RFC 9649 section 3.7.1).
constexpr int literal_symbols = 256;
constexpr int length_symbols = 24;
constexpr int distance_symbols = 40;

enum transform : std::uint8_t { predictor, colour, subtract_green, colour_indexing };

/// The number of parts of 2^`bits` pixels.
int parts(int side, int bits) {
  return (side + (1 << bits) - 1) >> bits;
}

/// How many groups of prefix codes an image may have. `tiles` is the number of its parts that choose a group
/// each.
std::int64_t max_groups(const image_size& size, std::int64_t tiles) {
  // Since version 0.5, libwebp's encoder makes at most this number of tiles. With more of them, the decoder's
  // tables are read so irregularly that they miss the processor's cache.
  constexpr std::int64_t max_tiles = 2600;
  // libwebp's encoder gives a photograph one group per 10,000 to 100,000 pixels, small ones and collages at
  // most one per 7,000. Only artificial images, such as tiles with a random palette each, get more and are
  // rejected. A group takes up to 20 KB and about 50 µs.
  constexpr std::int64_t pixels_per_group = 4096;
  constexpr std::int64_t always_allowed = 64;
  return always_allowed + (tiles > max_tiles ? 0 : size.pixels() / pixels_per_group);
}

/// Reads the parts of a lossless image that come before the prefix codes of its pixels.
class stream_reader {
 public:
  explicit stream_reader(std::span<const std::uint8_t> stream) : bits_(stream) {}

  std::error_code check(const image_size& size) {
    int width = size.width;
    if (!skip_transforms(width, size.height) || !read_cache_bits()) return image_error::corrupt;
    if (bits_.read(1) == 0) return {};  // one group
    const int tile_bits = read_size_bits();
    const image_size tiles{parts(width, tile_bits), parts(size.height, tile_bits)};
    const auto last_group = skip_image(tiles);
    if (!last_group) return image_error::corrupt;
    return *last_group < max_groups(size, tiles.pixels()) ? std::error_code() : image_error::too_complex;
  }

 private:
  int read_size_bits() { return static_cast<int>(bits_.read(3)) + 2; }

  /// Reads the transforms, and sets `width` to that of the transformed image.
  bool skip_transforms(int& width, int height) {
    std::array<bool, 4> seen{};
    while (bits_.read(1) != 0) {
      const auto type = bits_.read(2);
      if (seen[type]) return false;
      seen[type] = true;
      if (type == predictor || type == colour) {
        const int size_bits = read_size_bits();
        if (!skip_image({parts(width, size_bits), parts(height, size_bits)})) return false;
      } else if (type == colour_indexing) {
        const int colours = static_cast<int>(bits_.read(8)) + 1;
        if (!skip_image({colours, 1})) return false;
        const int index_bits = colours > 16 ? 0 : colours > 4 ? 1 : colours > 2 ? 2 : 3;
        width = parts(width, index_bits);
      }
    }
    return true;
  }

  /// Returns 0 if the image has no colour cache.
  std::optional<int> read_cache_bits() {
    if (bits_.read(1) == 0) return 0;
    const int cache_bits = static_cast<int>(bits_.read(4));
    if (cache_bits < 1 || cache_bits > 11) return std::nullopt;
    return cache_bits;
  }

  /// Reads an image with one group of prefix codes, and returns the largest number in its red and green
  /// channels. Pixels that repeat others do not change it, so that their distances do not matter.
  std::optional<int> skip_image(const image_size& size) {
    const auto cache_bits = read_cache_bits();
    if (!cache_bits) return std::nullopt;
    const int cache_symbols = *cache_bits == 0 ? 0 : 1 << *cache_bits;
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      const int symbols = i == distance ? distance_symbols
                          : i == green  ? literal_symbols + length_symbols + cache_symbols
                                        : literal_symbols;
      if (!codes_[i].read_from(bits_, symbols)) return std::nullopt;
    }
    int largest = 0;
    for (std::int64_t left = size.pixels(); left > 0 && !bits_.is_at_end();) {
      const int symbol = codes_[green].next(bits_);
      if (symbol < literal_symbols) {
        largest = std::max(largest, codes_[red].next(bits_) << 8 | symbol);
        codes_[blue].next(bits_);
        codes_[alpha].next(bits_);
        --left;
      } else if (symbol < literal_symbols + length_symbols) {
        left -= read_number(symbol - literal_symbols);
        read_number(codes_[distance].next(bits_));
      } else {
        --left;
      }
    }
    return bits_.is_at_end() ? std::nullopt : std::optional(largest);
  }

  /// Reads a length or distance that begins with the given prefix symbol.
  std::int64_t read_number(int symbol) {
    if (symbol < 4) return symbol + 1;
    const int extra_bits = (symbol - 2) / 2;
    return (std::int64_t{2 + symbol % 2} << extra_bits) + bits_.read(extra_bits) + 1;
  }

  enum channel : std::uint8_t { green, red, blue, alpha, distance };

  bit_reader bits_;
  std::array<prefix_code, 5> codes_;
};

}  // namespace

std::error_code check_prefix_codes(std::span<const std::uint8_t> stream, const image_size& size) {
  return stream_reader(stream).check(size);
}

}  // namespace emostream::vision

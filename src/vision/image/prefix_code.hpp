#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Parts of the format of lossless WebP images (RFC 9649 section 3).
namespace emostream::vision {

/// Reads numbers whose least significant bit comes first. At the end of the data all bits are 0.
class bit_reader {
 public:
  explicit bit_reader(std::span<const std::uint8_t> from) : rest_(from) {}

  /// Reads a number of at most 32 bits.
  std::uint32_t read(int bits) {
    while (available_ < bits) {
      if (rest_.empty())
        at_end_ = true;
      else
        window_ |= std::uint64_t{rest_.front()} << available_;
      rest_ = rest_.subspan(rest_.empty() ? 0 : 1);
      available_ += 8;
    }
    const auto value = static_cast<std::uint32_t>(window_ & ((std::uint64_t{1} << bits) - 1));
    window_ >>= bits;
    available_ -= bits;
    return value;
  }
  /// Whether more bits were read than there are.
  [[nodiscard]] bool is_at_end() const { return at_end_; }

 private:
  std::span<const std::uint8_t> rest_;
  std::uint64_t window_ = 0;
  int available_ = 0;  ///< bits in `window_`
  bool at_end_ = false;
};

/// A canonical prefix code (Huffman code) of at most 15 bits.
class prefix_code {
 public:
  /// Reads the code of an alphabet of `symbols` symbols. False if it is invalid.
  bool read_from(bit_reader& bits, int symbols);

  /// Reads the next symbol. Requires that read_from() has succeeded.
  int next(bit_reader& bits) const;

 private:
  static constexpr std::size_t max_length = 15;

  /// Builds the code from the length of each symbol; 0: not used. False if it is incomplete or ambiguous.
  bool build(std::span<const std::uint8_t> lengths);
  static bool read_lengths(bit_reader& bits, std::span<std::uint8_t> lengths);

  std::array<int, max_length + 1> counts_{};  ///< symbols by the length of their code
  std::vector<std::uint16_t> symbols_;        ///< in the order of their codes
};

}  // namespace emostream::vision

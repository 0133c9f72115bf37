#pragma once

#include <cstdint>

#include "choices.hpp"

namespace emostream::fuzzing {

/// Appends bits to bytes, the least significant bit first, as deflate and lossless WebP do.
class bit_writer {
 public:
  explicit bit_writer(bytes& to) : to_(to) {}

  void put(std::uint32_t value, int bits) {
    for (int i = 0; i < bits; ++i) {
      if (used_ == 0) to_.push_back(0);
      to_.back() = static_cast<std::uint8_t>(to_.back() | (value >> i & 1U) << used_);
      used_ = (used_ + 1) % 8;
    }
  }
  /// Appends the code of a prefix code, whose most significant bit comes first.
  void put_code(std::uint32_t code, int bits) {
    for (int i = bits; i-- > 0;) put(code >> i, 1);
  }
  /// Whether the last byte is full.
  [[nodiscard]] bool aligned() const { return used_ == 0; }

 private:
  bytes& to_;
  int used_ = 0;  ///< bits in the last byte; 0: full
};

}  // namespace emostream::fuzzing

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace emostream::vision {

/// The number in the `size` bytes, at most four, that begin at `at` and must exist; the least significant
/// first.
inline std::uint32_t little_endian(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

/// The same, the most significant first.
inline std::uint32_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

}  // namespace emostream::vision

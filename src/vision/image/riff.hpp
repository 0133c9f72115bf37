#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace emostream::vision {

/// The bytes of a WebP file before its chunks: `RIFF`, a size and `WEBP`. The size is not used, because a
/// file is complete if its chunks are.
inline constexpr std::size_t riff_header_size = 12;

/// A chunk of a RIFF file.
struct riff_chunk {
  std::string_view type;                  ///< four characters
  std::span<const std::uint8_t> content;  ///< without the type, the size and the padding
  std::span<const std::uint8_t> whole;    ///< type, size and content
};

/// Removes the first chunk from `rest` and returns it. Nothing if it is not complete.
std::optional<riff_chunk> take_chunk(std::span<const std::uint8_t>& rest);

/// Returns the first complete chunk of that type, or nothing if the file has none.
std::optional<riff_chunk> find_chunk(std::span<const std::uint8_t> chunks, std::string_view type);

}  // namespace emostream::vision

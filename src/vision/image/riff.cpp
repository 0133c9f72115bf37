#include "vision/image/riff.hpp"

#include <algorithm>

#include "vision/image/byte_order.hpp"

namespace emostream::vision {

std::optional<riff_chunk> take_chunk(std::span<const std::uint8_t>& rest) {
  constexpr std::size_t header_size = 8;  // type and size
  if (rest.size() < header_size) return std::nullopt;
  const std::size_t length = little_endian(rest, 4, 4);
  if (length > rest.size() - header_size) return std::nullopt;
  const riff_chunk chunk{.type = {reinterpret_cast<const char*>(rest.data()), 4},
                         .content = rest.subspan(header_size, length),
                         .whole = rest.first(header_size + length)};
  rest = rest.subspan(std::min(chunk.whole.size() + length % 2, rest.size()));
  return chunk;
}

std::optional<riff_chunk> find_chunk(std::span<const std::uint8_t> chunks, std::string_view type) {
  while (const auto chunk = take_chunk(chunks))
    if (chunk->type == type) return chunk;
  return std::nullopt;
}

}  // namespace emostream::vision

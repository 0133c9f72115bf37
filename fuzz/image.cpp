// Decodes arbitrary data as an image. Images that are accepted must be within the limits.

#include "vision/image/image.hpp"

#include <cstdint>
#include <cstdlib>

using namespace emostream::vision;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const image_limits limits{.max_bytes = 100'000, .max_width = 256, .max_height = 256};
  const auto image = decode({data, size}, limits);
  if (!image) return 0;
  const auto pixels = static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height);
  if (pixels > 256 * 256 || image->pixels.size() != pixels * 3) std::abort();
  return 0;
}

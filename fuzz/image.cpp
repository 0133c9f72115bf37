// Decodes arbitrary data as an image, in full and reduced. Images that are accepted must be within the
// limits.

#include "vision/image/image.hpp"

#include <cstdint>
#include <cstdlib>
#include <initializer_list>

using namespace emostream::vision;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t max_pixels = 65'536;
  for (const std::int64_t max_decoded : {max_pixels, std::int64_t{1024}}) {
    const auto image = decode({data, size}, {.max_bytes = 100'000,
                                             .max_pixels = max_pixels,
                                             .max_decoded_pixels = max_decoded,
                                             .max_memory = 10'000'000});
    if (!image) return 0;
    const auto pixels = static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height);
    if (image->pixels.size() != pixels * 3 || (pixels > 1024 && image->reduction < 8 && max_decoded == 1024))
      std::abort();
  }
  return 0;
}

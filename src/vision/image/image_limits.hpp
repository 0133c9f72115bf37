#pragma once

#include <cstddef>
#include <cstdint>

namespace emostream::vision {

/// Limits of the images that are decoded. With these defaults the most expensive images take about 0.3 s (a
/// JPEG with 34 arithmetic-coded scans) or 0.4 GB (a lossless WebP with 65536 sets of Huffman codes, which
/// libwebp offers no way to bound). Images from cameras take a few milliseconds and the memory of their
/// pixels.
struct image_limits {
  std::size_t max_bytes = 1'000'000;  ///< of the encoded image
  int max_width = 1920;
  int max_height = 1080;  ///< only the product with max_width counts: 1080×1920 is accepted too
  int min_side = 32;
  int max_scans = 50;  ///< of a JPEG

  [[nodiscard]] std::int64_t max_pixels() const { return std::int64_t{max_width} * max_height; }
};

}  // namespace emostream::vision

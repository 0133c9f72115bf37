#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace emostream::vision {

/// Limits of the images that are decoded. With these defaults, decoding takes at most about 0.2 s of CPU time
/// on a core of 3 GHz, and 64 MB of memory besides the pixels (docs/production.md, "What an image may cost").
struct image_limits {
  std::size_t max_bytes = 1'000'000;  ///< of the encoded image
  int max_width = 1920;
  int max_height = 1080;  ///< only the product with max_width counts: 1080×1920 is accepted too
  int min_side = 32;
  int max_scans = 50;  ///< of a JPEG
  // The CPU time that decoding a PNG, or a JPEG of several scans, may take. On a core of 2.5 GHz, a
  // progressive JPEG and an RGB PNG take a fifth of it, an RGBA PNG two fifths: slower and busy cores decode
  // them, too.
  std::chrono::nanoseconds base_time{20'000'000};
  std::chrono::nanoseconds time_per_pixel{60};
  std::chrono::nanoseconds time_per_byte{60};  ///< of the encoded image

  [[nodiscard]] std::int64_t max_pixels() const { return std::int64_t{max_width} * max_height; }
  [[nodiscard]] std::chrono::nanoseconds max_time(std::int64_t pixels, std::size_t bytes) const {
    return base_time + pixels * time_per_pixel + static_cast<std::int64_t>(bytes) * time_per_byte;
  }
};

}  // namespace emostream::vision

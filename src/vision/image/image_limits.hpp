#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace emostream::vision {

/// The names of the settings that define these limits, for error messages; empty where no setting does.
struct limit_names {
  std::string_view max_bytes;
  std::string_view max_pixels;
  std::string_view max_memory;
};

/// Limits of the images that are decoded. With these defaults, decoding takes at most about 0.2 s of CPU time
/// on a core of 3 GHz, and 64 MB of memory besides the pixels (docs/production.md, "What an image may cost").
struct image_limits {
  std::size_t max_bytes = 1'000'000;  ///< of the encoded image
  std::int64_t max_pixels = std::int64_t{1920} * 1080;
  int min_side = 32;
  int max_scans = 50;  ///< of a JPEG
  /// An image with more pixels is decoded at a reduced scale.
  std::int64_t max_decoded_pixels = std::numeric_limits<std::int64_t>::max();
  /// Bytes that a decoder may take besides the decoded pixels: a progressive JPEG takes 3 to 6 bytes per
  /// pixel of the encoded image, a lossless WebP 4.
  std::size_t max_memory = std::numeric_limits<std::size_t>::max();
  // The CPU time that decoding a PNG, a GIF, or a JPEG of several scans, may take. On a core of 2.5 GHz, a
  // progressive JPEG and an RGB PNG take a fifth of it, an RGBA PNG two fifths: slower and busy cores decode
  // them, too.
  std::chrono::nanoseconds base_time{20'000'000};
  std::chrono::nanoseconds time_per_pixel{60};
  std::chrono::nanoseconds time_per_byte{60};  ///< of the encoded image
  limit_names names = {};

  [[nodiscard]] std::chrono::nanoseconds max_time(std::int64_t pixels, std::size_t bytes) const {
    return base_time + pixels * time_per_pixel + static_cast<std::int64_t>(bytes) * time_per_byte;
  }
};

/// The value of image_limits::max_decoded_pixels for photographs: a 12-megapixel one is decoded in full, if
/// its faces are small enough to need that, and one of 50 megapixels at half its width and height.
inline constexpr std::int64_t max_photo_pixels = 16'000'000;

}  // namespace emostream::vision

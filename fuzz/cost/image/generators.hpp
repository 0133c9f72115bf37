#pragma once

#include <cstddef>

#include "choices.hpp"

// Generators of images that are expensive to decode for their size.
namespace emostream::fuzzing {

struct picture_size {
  int width;
  int height;
  [[nodiscard]] std::size_t pixels() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
};

/// One of a few sizes with at most 1920×1080 pixels, most of them as large as that; no side is longer than
/// `max_side`.
picture_size choose_size(choices& from, int max_side);

/// Samples of a picture: flat, a ramp, noise or stripes.
bytes choose_samples(choices& from, std::size_t count);

bytes gif_image(choices& from);      ///< the longest and shortest strings, many small blocks
bytes jpeg_image(choices& from);     ///< many scans, odd sampling factors, CMYK, arithmetic coding, restarts
bytes png_image(choices& from);      ///< high compression ratios, Adam7, gamma, palettes, many chunks
bytes webp_image(choices& from);     ///< libwebp's encoder with unusual settings
bytes webp_tokens(choices& from);    ///< a lossy WebP whose coefficients are replaced with patterns
bytes webp_lossless(choices& from);  ///< a hand-written lossless WebP with many groups of prefix codes
bytes webp_alpha(choices& from);     ///< a lossy WebP with such an alpha channel

}  // namespace emostream::fuzzing

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vision/image/image.hpp"

namespace emostream::vision {

/// Draws the RGB pixels of a picture into an image whose sides are divided by a reduction: each pixel of the
/// image is the average of a square of the picture's. The pixels of the picture may be drawn in any order,
/// and each at most once; those that are not drawn are black.
class reduced_canvas {
 public:
  /// Shapes `to`, which must outlive the canvas. `reduction` is 1 to 16.
  reduced_canvas(image& to, const image_size& picture, int reduction);

  /// Draws pixels of row `y`: column `x`, `x` + `step` and so on.
  void draw(int x, int y, int step, std::span<const std::uint8_t> rgb);

  /// Completes the image. Call after the last draw().
  void finish();

  /// The bytes of memory that it takes besides the image's pixels.
  [[nodiscard]] static std::size_t memory_for(const image_size& picture, int reduction);

 private:
  image& to_;
  image_size picture_;
  int reduction_;
  std::vector<std::uint16_t> sums_;  ///< u16 [height, width, 3] of the image; empty without reduction
};

}  // namespace emostream::vision

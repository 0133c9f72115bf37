#pragma once

#include "vision/image/image.hpp"

namespace emostream::vision {

/// How the stored pixels of an image differ from the upright picture, as a value of EXIF's tag Orientation
/// (Exif 3.0 section 4.6.5), 1 to 8. The default is upright.
class orientation {
 public:
  constexpr orientation() = default;
  /// Any other value than 1 to 8 is upright.
  explicit constexpr orientation(int value) : value_(value >= 1 && value <= 8 ? value : 1) {}

  [[nodiscard]] constexpr int value() const { return value_; }
  [[nodiscard]] constexpr bool is_upright() const { return value_ == 1; }
  // The upright picture results if first the order of the stored columns or rows is reversed, and then
  // columns become rows.
  [[nodiscard]] constexpr bool reverses_columns() const {
    return value_ == 2 || value_ == 3 || value_ == 7 || value_ == 8;
  }
  [[nodiscard]] constexpr bool reverses_rows() const {
    return value_ == 3 || value_ == 4 || value_ == 6 || value_ == 7;
  }
  [[nodiscard]] constexpr bool swaps_sides() const { return value_ >= 5; }
  /// The size of the upright picture, given the stored one.
  [[nodiscard]] constexpr image_size size_of(const image_size& stored) const {
    return swaps_sides() ? image_size{stored.height, stored.width} : stored;
  }

 private:
  int value_ = 1;
};

/// Turns an image with that orientation upright: one pass over its pixels, into new memory. A reduced image
/// whose size is not a multiple of the reduction is then shifted by less than one of its pixels.
void turn_upright(image& i, orientation from);

}  // namespace emostream::vision

#include "vision/image/orientation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace emostream::vision {

namespace {

/// Copies the pixel in column x and row y to `origin` + x · `right` + y · `down`, all in pixels.
template <std::ptrdiff_t Channels>
void copy_pixels(const image& from, std::uint8_t* origin, std::ptrdiff_t right, std::ptrdiff_t down) {
  // Bands of rows, so that the pixels of a column end up next to each other before their cache line is
  // evicted.
  constexpr int band = 16;
  const std::ptrdiff_t stride = from.width * Channels;
  for (int top = 0; top < from.height; top += band) {
    const int bottom = std::min(top + band, from.height);
    for (int x = 0; x < from.width; ++x) {
      const std::uint8_t* pixel = from.pixels.data() + top * stride + x * Channels;
      std::uint8_t* to = origin + (x * right + top * down) * Channels;
      for (int y = top; y < bottom; ++y, pixel += stride, to += down * Channels)
        std::copy_n(pixel, Channels, to);
    }
  }
}

}  // namespace

void turn_upright(image& i, orientation from) {
  if (from.is_upright()) return;
  const std::ptrdiff_t width = i.width;
  const std::ptrdiff_t height = i.height;
  std::ptrdiff_t right = from.swaps_sides() ? height : 1;
  std::ptrdiff_t down = from.swaps_sides() ? 1 : width;
  std::ptrdiff_t first = 0;  // where the pixel in column 0 and row 0 goes
  if (from.reverses_columns()) first += (width - 1) * std::exchange(right, -right);
  if (from.reverses_rows()) first += (height - 1) * std::exchange(down, -down);
  std::vector<std::uint8_t> turned(i.pixels.size());
  if (i.channels == 1)
    copy_pixels<1>(i, turned.data() + first, right, down);
  else
    copy_pixels<3>(i, turned.data() + first * 3, right, down);
  i.pixels = std::move(turned);
  if (from.swaps_sides()) std::swap(i.width, i.height);
}

}  // namespace emostream::vision

#include "vision/image/reduced_canvas.hpp"

#include <algorithm>

#include "vision/image/decoders.hpp"

namespace emostream::vision {

reduced_canvas::reduced_canvas(image& to, const image_size& picture, int reduction)
    : to_(to), picture_(picture), reduction_(reduction) {
  reshape_rgb(to, picture, reduction);
  if (reduction == 1)
    std::ranges::fill(to.pixels, std::uint8_t{0});
  else
    sums_.resize(to.pixels.size());
}

void reduced_canvas::draw(int x, int y, int step, std::span<const std::uint8_t> rgb) {
  const std::size_t row = static_cast<std::size_t>(y / reduction_) * static_cast<std::size_t>(to_.width) * 3;
  if (reduction_ == 1 && step == 1) {
    std::ranges::copy(rgb, to_.pixels.begin() + static_cast<std::ptrdiff_t>(row) + std::ptrdiff_t{x} * 3);
    return;
  }
  for (; !rgb.empty(); rgb = rgb.subspan(3), x += step) {
    const std::size_t at = row + static_cast<std::size_t>(x / reduction_) * 3;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      if (reduction_ == 1)
        to_.pixels[at + channel] = rgb[channel];
      else
        sums_[at + channel] = static_cast<std::uint16_t>(sums_[at + channel] + rgb[channel]);
    }
  }
}

void reduced_canvas::finish() {
  if (reduction_ == 1) return;
  std::size_t at = 0;
  for (int y = 0; y < picture_.height; y += reduction_) {
    const int rows = std::min(reduction_, picture_.height - y);
    for (int x = 0; x < picture_.width; x += reduction_) {
      const int count = rows * std::min(reduction_, picture_.width - x);
      for (int channel = 0; channel < 3; ++channel, ++at)
        to_.pixels[at] = static_cast<std::uint8_t>((sums_[at] + count / 2) / count);
    }
  }
}

std::size_t reduced_canvas::memory_for(const image_size& picture, int reduction) {
  if (reduction == 1) return 0;
  return static_cast<std::size_t>(picture.reduced(reduction).pixels()) * 3 * sizeof(std::uint16_t);
}

}  // namespace emostream::vision

#include "vision/letterbox.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace emostream::vision {

namespace {

/// What one output pixel takes along an axis: weights (sum 1) of the pixels from `first` on.
struct taps {
  int first = 0;
  std::vector<float> weights;
};

/// Box filter where pixels are merged, linear interpolation where they are stretched.
std::vector<taps> axis_taps(int from, int to) {
  std::vector<taps> axis(static_cast<std::size_t>(to));
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    taps& t = axis[static_cast<std::size_t>(i)];
    if (step > 1) {
      const double begin = i * step;
      const double end = std::min<double>(begin + step, from);
      t.first = static_cast<int>(begin);
      const int last = std::min(static_cast<int>(std::ceil(end)), from);
      for (int p = t.first; p < last; ++p) {
        const double covered = std::min<double>(end, p + 1) - std::max<double>(begin, p);
        t.weights.push_back(static_cast<float>(covered / (end - begin)));
      }
    } else {
      const double centre = std::clamp((i + 0.5) * step - 0.5, 0.0, from - 1.0);
      t.first = std::min(static_cast<int>(centre), std::max(from - 2, 0));
      const auto next = static_cast<float>(centre - t.first);
      t.weights = {1 - next};
      if (from > 1) t.weights.push_back(next);
    }
  }
  return axis;
}

}  // namespace

letterbox fill_letterboxed(const image& from, int size, std::span<float> tensor) {
  const int longest = std::max(from.width, from.height);
  const float scale = static_cast<float>(longest) / static_cast<float>(size);
  const int width = std::max(1, static_cast<int>(std::lround(static_cast<float>(from.width) / scale)));
  const int height = std::max(1, static_cast<int>(std::lround(static_cast<float>(from.height) / scale)));
  const int left = (size - width) / 2;
  const int top = (size - height) / 2;
  std::ranges::fill(tensor, -1.0F);

  const auto columns = axis_taps(from.width, width);
  const auto rows = axis_taps(from.height, height);
  const std::size_t stride = static_cast<std::size_t>(from.width) * 3;
  std::vector<float> merged(stride);  // the rows that one output row covers
  for (int y = 0; y < height; ++y) {
    const taps& row = rows[static_cast<std::size_t>(y)];
    std::ranges::fill(merged, 0.0F);
    for (std::size_t k = 0; k < row.weights.size(); ++k) {
      const std::uint8_t* pixels = from.pixels.data() + (static_cast<std::size_t>(row.first) + k) * stride;
      const float weight = row.weights[k] / 127.5F;
      for (std::size_t i = 0; i < stride; ++i) merged[i] += weight * static_cast<float>(pixels[i]);
    }
    float* out = tensor.data() + (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(size) +
                                  static_cast<std::size_t>(left)) *
                                     3;
    for (const taps& column : columns) {
      const float* pixel = merged.data() + static_cast<std::size_t>(column.first) * 3;
      float r = -1;
      float g = -1;
      float b = -1;
      for (const float weight : column.weights) {
        r += weight * pixel[0];
        g += weight * pixel[1];
        b += weight * pixel[2];
        pixel += 3;
      }
      out[0] = r;
      out[1] = g;
      out[2] = b;
      out += 3;
    }
  }
  return {scale, static_cast<float>(left), static_cast<float>(top)};
}

}  // namespace emostream::vision

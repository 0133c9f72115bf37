#include "vision/letterbox.hpp"

#include <algorithm>
#include <array>
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

/// Where the image lies in the input, in whole pixels of it.
struct area {
  int left;
  int top;
  int width;
  int height;
};

/// Black where the image does not lie.
template <std::size_t Depth>
void fill_around(const area& placed, const input_format& format, const pixel_writer<Depth>& out) {
  std::size_t pixel = 0;
  for (int y = 0; y < format.height; ++y) {
    const bool beside = y >= placed.top && y < placed.top + placed.height;
    for (int x = 0; x < format.width; ++x) {
      if (beside && x == placed.left) {
        x += placed.width;
        pixel += static_cast<std::size_t>(placed.width);
        if (x == format.width) break;
      }
      out.write(pixel++, {});
    }
  }
}

template <std::size_t Depth>
void resize(const image& from, const area& to, const input_format& format, std::span<float> tensor) {
  const pixel_writer<Depth> out(format, tensor.data());
  fill_around(to, format, out);
  const auto columns = axis_taps(from.width, to.width);
  const auto rows = axis_taps(from.height, to.height);
  const std::size_t stride = static_cast<std::size_t>(from.width) * 3;
  std::vector<float> merged(stride);  // the rows that one output row covers
  for (int y = 0; y < to.height; ++y) {
    const taps& row = rows[static_cast<std::size_t>(y)];
    std::ranges::fill(merged, 0.0F);
    for (std::size_t k = 0; k < row.weights.size(); ++k) {
      const std::uint8_t* line = from.pixels.data() + (static_cast<std::size_t>(row.first) + k) * stride;
      const float weight = row.weights[k];
      for (std::size_t i = 0; i < stride; ++i) merged[i] += weight * static_cast<float>(line[i]);
    }
    auto at = static_cast<std::size_t>(to.top + y) * static_cast<std::size_t>(format.width) +
              static_cast<std::size_t>(to.left);
    for (const taps& column : columns) {
      const float* pixel = merged.data() + static_cast<std::size_t>(column.first) * 3;
      float r = 0;
      float g = 0;
      float b = 0;
      for (const float weight : column.weights) {
        r += weight * pixel[0];
        g += weight * pixel[1];
        b += weight * pixel[2];
        pixel += 3;
      }
      if constexpr (Depth == 1)
        out.write(at++, {(77 * r + 150 * g + 29 * b) / 256});
      else
        out.write(at++, {r, g, b});
    }
  }
}

}  // namespace

placement fit(const image& from, fitting how, const input_format& format, std::span<float> tensor) {
  const auto image_width = static_cast<float>(from.width);
  const auto image_height = static_cast<float>(from.height);
  point scale{image_width / static_cast<float>(format.width),
              image_height / static_cast<float>(format.height)};
  area to{0, 0, format.width, format.height};
  if (how == fitting::letterbox) {
    scale.x = scale.y = std::max(scale.x, scale.y);
    to.width = std::clamp(static_cast<int>(std::lround(image_width / scale.x)), 1, format.width);
    to.height = std::clamp(static_cast<int>(std::lround(image_height / scale.y)), 1, format.height);
    to.left = (format.width - to.width) / 2;
    to.top = (format.height - to.height) / 2;
  }
  if (format.channels == colours::gray)
    resize<1>(from, to, format, tensor);
  else
    resize<3>(from, to, format, tensor);
  return {scale, {static_cast<float>(to.left), static_cast<float>(to.top)}};
}

}  // namespace emostream::vision

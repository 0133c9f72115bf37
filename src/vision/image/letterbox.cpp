#include "vision/image/letterbox.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace emostream::vision {

/// Uses a box filter to shrink and linear interpolation to enlarge.
void axis_taps::prepare(int from, int to) {
  if (from == from_ && to == static_cast<int>(first_.size())) return;
  from_ = from;
  first_.clear();
  begin_.assign(1, 0);
  weights_.clear();
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    if (step > 1) {
      const double begin = i * step;
      const double end = std::min<double>(begin + step, from);
      first_.push_back(static_cast<int>(begin));
      const int last = std::min(static_cast<int>(std::ceil(end)), from);
      for (int p = first_.back(); p < last; ++p) {
        const double covered = std::min<double>(end, p + 1) - std::max<double>(begin, p);
        weights_.push_back(static_cast<float>(covered / (end - begin)));
      }
    } else {
      const double centre = std::clamp((i + 0.5) * step - 0.5, 0.0, from - 1.0);
      first_.push_back(std::min(static_cast<int>(centre), std::max(from - 2, 0)));
      const auto next = static_cast<float>(centre - first_.back());
      weights_.push_back(1 - next);
      if (from > 1) weights_.push_back(next);
    }
    begin_.push_back(weights_.size());
  }
}

namespace {

/// The part of the input that the image fills, in whole input pixels.
struct area {
  int left;
  int top;
  int width;
  int height;
};

/// Fills the input outside `placed` with black.
template <std::size_t Depth>
void fill_around(const area& placed, const input_format& format, const pixel_writer<Depth>& out) {
  std::size_t pixel = 0;
  for (int y = 0; y < format.height; ++y) {
    const bool crosses_image = y >= placed.top && y < placed.top + placed.height;
    for (int x = 0; x < format.width; ++x) {
      if (crosses_image && x == placed.left) {
        x += placed.width;
        pixel += static_cast<std::size_t>(placed.width);
        if (x == format.width) break;
      }
      out.write(pixel++, {});
    }
  }
}

/// `Depth` is the number of channels of the input, `Channels` that of the image.
template <std::size_t Depth, std::size_t Channels>
void resize(const image& from, const area& source, const area& to, const input_format& format,
            std::span<float> tensor, resize_scratch& scratch) {
  const pixel_writer<Depth> out(format, tensor.data());
  fill_around(to, format, out);
  scratch.columns.prepare(source.width, to.width);
  scratch.rows.prepare(source.height, to.height);
  const std::size_t stride = static_cast<std::size_t>(from.width) * Channels;
  const std::size_t length = static_cast<std::size_t>(source.width) * Channels;
  std::vector<float>& merged = scratch.merged_rows;
  for (int y = 0; y < to.height; ++y) {
    merged.assign(length, 0.0F);
    const std::uint8_t* line = from.pixels.data() +
                               static_cast<std::size_t>(source.top + scratch.rows.first(y)) * stride +
                               static_cast<std::size_t>(source.left) * Channels;
    for (const float weight : scratch.rows.weights(y)) {
      for (std::size_t i = 0; i < length; ++i) merged[i] += weight * static_cast<float>(line[i]);
      line += stride;
    }
    auto at = static_cast<std::size_t>(to.top + y) * static_cast<std::size_t>(format.width) +
              static_cast<std::size_t>(to.left);
    for (int x = 0; x < to.width; ++x) {
      const float* pixel = merged.data() + static_cast<std::size_t>(scratch.columns.first(x)) * Channels;
      std::array<float, Channels> sum{};
      for (const float weight : scratch.columns.weights(x)) {
        for (std::size_t c = 0; c < Channels; ++c) sum[c] += weight * pixel[c];
        pixel += Channels;
      }
      if constexpr (Depth == Channels)
        out.write(at++, sum);
      else if constexpr (Depth == 1)
        out.write(at++, {(77 * sum[0] + 150 * sum[1] + 29 * sum[2]) / 256});
      else
        out.write(at++, {sum[0], sum[0], sum[0]});
    }
  }
}

template <std::size_t Depth>
void resize(const image& from, const area& source, const area& to, const input_format& format,
            std::span<float> tensor, resize_scratch& scratch) {
  if (from.channels == 1)
    resize<Depth, 1>(from, source, to, format, tensor, scratch);
  else
    resize<Depth, 3>(from, source, to, format, tensor, scratch);
}

/// One axis of a part of an image that is scaled to `length` input pixels from `begin` on: the pixels of the
/// part that exist, and the input pixels that they fill.
struct axis {
  int source = 0;
  int source_length = 0;
  int target = 0;
  int target_length = 0;

  axis(int image_length, int part_begin, int part_length, int begin, int length) {
    source = std::max(part_begin, 0);
    source_length = std::min(part_begin + part_length, image_length) - source;
    const double pixels = static_cast<double>(length) / part_length;  // of the input per pixel of the image
    const auto scaled = [&](int at) { return static_cast<int>(std::lround((at - part_begin) * pixels)); };
    const int first = std::min(scaled(source), length - 1);
    target = begin + first;
    target_length = std::clamp(scaled(source + source_length) - first, 1, length - first);
  }
  [[nodiscard]] float scale() const {
    return static_cast<float>(source_length) / static_cast<float>(target_length);
  }
  /// The input's coordinate of the image's first pixel.
  [[nodiscard]] float offset() const {
    return static_cast<float>(target) - static_cast<float>(source) / scale();
  }
};

}  // namespace

placement fit(const image& from, const region& part, fit_mode mode, const input_format& format,
              std::span<float> tensor, resize_scratch& scratch) {
  area to{0, 0, format.width, format.height};
  if (mode == fit_mode::letterbox) {
    const auto width = static_cast<float>(part.width);
    const auto height = static_cast<float>(part.height);
    const float scale =
        std::max(width / static_cast<float>(format.width), height / static_cast<float>(format.height));
    to.width = std::clamp(static_cast<int>(std::lround(width / scale)), 1, format.width);
    to.height = std::clamp(static_cast<int>(std::lround(height / scale)), 1, format.height);
    to.left = (format.width - to.width) / 2;
    to.top = (format.height - to.height) / 2;
  }
  const axis x(from.width, part.left, part.width, to.left, to.width);
  const axis y(from.height, part.top, part.height, to.top, to.height);
  const area source{x.source, y.source, x.source_length, y.source_length};
  const area target{x.target, y.target, x.target_length, y.target_length};
  if (format.channels == channel_order::gray)
    resize<1>(from, source, target, format, tensor, scratch);
  else
    resize<3>(from, source, target, format, tensor, scratch);
  const auto reduction = static_cast<float>(from.reduction);
  return {{x.scale() * reduction, y.scale() * reduction}, {x.offset(), y.offset()}};
}

}  // namespace emostream::vision

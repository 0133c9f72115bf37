#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vision/image/geometry.hpp"
#include "vision/image/image.hpp"

namespace emostream::vision {

/// A part of an image, reduced by an integer factor, in gray (`Depth` 1) or in colour (3), from which faces
/// are sampled. Reuses its memory between calls.
template <std::size_t Depth>
class patch {
 public:
  using value = std::array<float, Depth>;

  /// Loads the part from `low` to `high`, plus one pixel on each side, clipped to the image, and averages
  /// blocks of `factor`×`factor` pixels. Coordinates are pixels of `from`.
  void take(const image& from, point low, point high, int factor);

  /// Samples the points `begin`, `begin + step` and so on with bilinear interpolation, and adds the values to
  /// `sums`, `Depth` per point. Points are in pixels of the image, clamped to the patch.
  void add_row(point begin, point step, std::span<float> sums) const;

 private:
  /// The pixels from `low` to `high` of one axis, plus one on each side, clipped to the image; at least one.
  struct range {
    int begin;
    int end;
    range(float low, float high, int size) {
      const auto limit = static_cast<float>(size);
      begin = std::min(static_cast<int>(std::clamp(std::floor(low) - 1, 0.0F, limit)), size - 1);
      end = std::max(static_cast<int>(std::clamp(std::ceil(high) + 1, 0.0F, limit)), begin + 1);
    }
    [[nodiscard]] int length() const { return end - begin; }
  };

  void copy_row(const image& from, const range& columns, int row, value* out) const;
  void sum_rows(const image& from, const range& columns, int top, int bottom);
  template <std::size_t Channels>
  void merge_columns(int columns, int factor, int rows, value* out) const;

  float x_ = 0;  ///< upper left corner in the image
  float y_ = 0;
  float inverse_factor_ = 1;
  int width_ = 0;
  int height_ = 0;
  std::vector<value> values_;
  std::vector<std::uint32_t> sums_;  ///< column sums of one block of image rows
};

template <std::size_t Depth>
void patch<Depth>::take(const image& from, point low, point high, int factor) {
  const range columns(low.x, high.x, from.width);
  const range rows(low.y, high.y, from.height);
  x_ = static_cast<float>(columns.begin);
  y_ = static_cast<float>(rows.begin);
  inverse_factor_ = 1.0F / static_cast<float>(factor);
  width_ = (columns.length() + factor - 1) / factor;
  height_ = (rows.length() + factor - 1) / factor;
  values_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
  value* out = values_.data();
  // Nothing to average: copy the rows.
  if (factor == 1 && from.channels == static_cast<int>(Depth)) {
    for (int row = rows.begin; row < rows.end; ++row, out += width_) copy_row(from, columns, row, out);
    return;
  }
  for (int top = rows.begin; top < rows.end; top += factor, out += width_) {
    const int bottom = std::min(top + factor, rows.end);
    sum_rows(from, columns, top, bottom);
    if (from.channels == 1)
      merge_columns<1>(columns.length(), factor, bottom - top, out);
    else
      merge_columns<3>(columns.length(), factor, bottom - top, out);
  }
}

template <std::size_t Depth>
void patch<Depth>::copy_row(const image& from, const range& columns, int row, value* out) const {
  const std::size_t first = static_cast<std::size_t>(row) * static_cast<std::size_t>(from.width) +
                            static_cast<std::size_t>(columns.begin);
  const std::uint8_t* pixels = from.pixels.data() + first * Depth;
  std::copy_n(pixels, static_cast<std::size_t>(width_) * Depth, out->data());
}

template <std::size_t Depth>
void patch<Depth>::sum_rows(const image& from, const range& columns, int top, int bottom) {
  const auto channels = static_cast<std::size_t>(from.channels);
  const std::size_t stride = static_cast<std::size_t>(from.width) * channels;
  const std::size_t count = static_cast<std::size_t>(columns.length()) * channels;
  sums_.assign(count, 0);
  for (int y = top; y < bottom; ++y) {
    const std::uint8_t* row = from.pixels.data() + static_cast<std::size_t>(y) * stride +
                              static_cast<std::size_t>(columns.begin) * channels;
    for (std::size_t i = 0; i < count; ++i) sums_[i] += row[i];
  }
}

template <std::size_t Depth>
template <std::size_t Channels>
void patch<Depth>::merge_columns(int columns, int factor, int rows, value* out) const {
  const std::uint32_t* sum = sums_.data();
  for (int remaining = columns; remaining > 0; remaining -= factor, ++out) {
    const int block = std::min(factor, remaining);
    std::array<std::uint32_t, Channels> total{};
    for (int i = 0; i < block; ++i)
      for (std::size_t c = 0; c < Channels; ++c) total[c] += *sum++;
    const auto pixels = static_cast<float>(block * rows);
    if constexpr (Depth == 1 && Channels == 3) {  // BT.601 luma, in units of 1/256
      (*out)[0] = static_cast<float>(77U * total[0] + 150U * total[1] + 29U * total[2]) / (256 * pixels);
    } else {
      for (std::size_t c = 0; c < Depth; ++c)
        (*out)[c] = static_cast<float>(total[Channels == 1 ? 0 : c]) / pixels;
    }
  }
}

template <std::size_t Depth>
void patch<Depth>::add_row(point begin, point step, std::span<float> sums) const {
  // The upper left of the four pixels is at most the last but one, so that its neighbours exist.
  const int last_left = std::max(width_ - 2, 0);
  const int last_top = std::max(height_ - 2, 0);
  const std::ptrdiff_t beside = width_ > 1 ? 1 : 0;
  const std::ptrdiff_t below = height_ > 1 ? width_ : 0;
  const auto last_column = static_cast<float>(width_ - 1);
  const auto last_row = static_cast<float>(height_ - 1);
  const point first{(begin.x - x_) * inverse_factor_ - 0.5F, (begin.y - y_) * inverse_factor_ - 0.5F};
  const point next{step.x * inverse_factor_, step.y * inverse_factor_};
  const auto points = static_cast<int>(sums.size() / Depth);
  float* sum = sums.data();
  for (int i = 0; i < points; ++i) {
    const float u = std::min(last_column, std::max(0.0F, first.x + static_cast<float>(i) * next.x));
    const float v = std::min(last_row, std::max(0.0F, first.y + static_cast<float>(i) * next.y));
    const int left = std::min(static_cast<int>(u), last_left);
    const int top = std::min(static_cast<int>(v), last_top);
    const float du = u - static_cast<float>(left);
    const float dv = v - static_cast<float>(top);
    const value* upper = values_.data() + static_cast<std::ptrdiff_t>(top) * width_ + left;
    const value* lower = upper + below;
    for (std::size_t c = 0; c < Depth; ++c) {
      const float above = upper[0][c] + du * (upper[beside][c] - upper[0][c]);
      const float under = lower[0][c] + du * (lower[beside][c] - lower[0][c]);
      *sum++ += above + dv * (under - above);
    }
  }
}

}  // namespace emostream::vision

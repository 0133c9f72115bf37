#include "vision/alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace emostream::vision {

namespace {

/// A part of an image in luma, reduced by a whole factor; `x`, `y` is where it begins in the image.
struct gray_patch {
  int x = 0;
  int y = 0;
  int factor = 1;
  int width = 0;
  int height = 0;
  std::vector<float> luma;

  /// Interpolated at a point of the image, clamped to the patch.
  [[nodiscard]] float at(point p) const {
    const float inverse = 1.0F / static_cast<float>(factor);
    const float u =
        std::clamp((p.x - static_cast<float>(x)) * inverse - 0.5F, 0.0F, static_cast<float>(width - 1));
    const float v =
        std::clamp((p.y - static_cast<float>(y)) * inverse - 0.5F, 0.0F, static_cast<float>(height - 1));
    const int left = static_cast<int>(u);
    const int top = static_cast<int>(v);
    const float du = u - static_cast<float>(left);
    const float dv = v - static_cast<float>(top);
    const float* upper = luma.data() + static_cast<std::ptrdiff_t>(top) * width + left;
    const float* lower = top + 1 < height ? upper + width : upper;
    const int next = left + 1 < width ? 1 : 0;
    const float above = upper[0] + du * (upper[next] - upper[0]);
    const float below = lower[0] + du * (lower[next] - lower[0]);
    return above + dv * (below - above);
  }
};

/// From `low` to `high` of an axis, a pixel more on both sides, at least one pixel long and inside the image.
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

gray_patch reduce(const image& from, const range& columns, const range& rows, int factor) {
  gray_patch patch{columns.begin,
                   rows.begin,
                   factor,
                   (columns.length() + factor - 1) / factor,
                   (rows.length() + factor - 1) / factor,
                   {}};
  patch.luma.resize(static_cast<std::size_t>(patch.width) * static_cast<std::size_t>(patch.height));
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(patch.width));
  for (int py = 0; py < patch.height; ++py) {
    std::ranges::fill(sums, 0U);
    const int top = rows.begin + py * factor;
    const int bottom = std::min(top + factor, rows.end);
    for (int y = top; y < bottom; ++y) {
      const std::uint8_t* pixel =
          from.pixels.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(from.width) +
                                static_cast<std::size_t>(columns.begin)) *
                                   3;
      int left = columns.length();
      for (std::uint32_t& sum : sums) {
        const int block = std::min(factor, left);
        left -= block;
        for (int i = 0; i < block; ++i, pixel += 3)  // luma of BT.601, in 1/256
          sum += 77U * pixel[0] + 150U * pixel[1] + 29U * pixel[2];
      }
    }
    float* out = patch.luma.data() + static_cast<std::ptrdiff_t>(py) * patch.width;
    int left = columns.length();
    for (const std::uint32_t sum : sums) {
      const int block = std::min(factor, left);
      left -= block;
      *out++ = static_cast<float>(sum) / (256.0F * static_cast<float>(block * (bottom - top)));
    }
  }
  return patch;
}

}  // namespace

float similarity::scale() const {
  return std::hypot(a, b);
}

similarity align_eyes(const framing& to, int size, point left_eye, point right_eye, float min_distance) {
  const auto side = static_cast<float>(size);
  const point span{(to.right_eye.x - to.left_eye.x) * side, (to.right_eye.y - to.left_eye.y) * side};
  const point middle{(to.left_eye.x + to.right_eye.x) / 2 * side,
                     (to.left_eye.y + to.right_eye.y) / 2 * side};
  point seen{right_eye.x - left_eye.x, right_eye.y - left_eye.y};
  const float distance = std::hypot(seen.x, seen.y);
  if (distance < min_distance) {
    // Eyes on one spot say nothing of the head's roll: then it is upright.
    seen = distance > 0 ? point{seen.x / distance * min_distance, seen.y / distance * min_distance}
                        : point{min_distance, 0};
  }
  const float norm = span.x * span.x + span.y * span.y;
  similarity s;
  s.a = (seen.x * span.x + seen.y * span.y) / norm;  // the complex quotient of the two spans
  s.b = (seen.y * span.x - seen.x * span.y) / norm;
  s.x0 = (left_eye.x + right_eye.x) / 2 - (s.a * middle.x - s.b * middle.y);
  s.y0 = (left_eye.y + right_eye.y) / 2 - (s.b * middle.x + s.a * middle.y);
  return s;
}

void cut_gray(const image& from, const similarity& to_image, int size, std::span<float> crop) {
  const auto side = static_cast<float>(size);
  float left = INFINITY;
  float right = -INFINITY;
  float top = INFINITY;
  float bottom = -INFINITY;
  for (const point corner : {point{0, 0}, point{side, 0}, point{0, side}, point{side, side}}) {
    const point p = to_image(corner);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }

  // First whole blocks are averaged, down to two or three pixels of the patch for one of the crop; these few
  // are then sampled on a grid as fine as the patch. The work is one pass over the face, however large it is.
  const float scale = to_image.scale();
  const int factor = std::clamp(static_cast<int>(scale / 2), 1, std::max(from.width, from.height));
  const gray_patch patch = reduce(from, {left, right, from.width}, {top, bottom, from.height}, factor);
  const int samples =
      std::clamp(static_cast<int>(std::ceil(scale / static_cast<float>(factor) - 0.25F)), 1, 4);
  const float step = 1.0F / static_cast<float>(samples);
  const float share = step * step;
  float* out = crop.data();
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      float sum = 0;
      for (int j = 0; j < samples; ++j) {
        for (int i = 0; i < samples; ++i) {
          sum += patch.at(to_image({static_cast<float>(x) + (static_cast<float>(i) + 0.5F) * step,
                                    static_cast<float>(y) + (static_cast<float>(j) + 0.5F) * step}));
        }
      }
      *out++ = sum * share;
    }
  }
}

}  // namespace emostream::vision

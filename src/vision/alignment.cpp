#include "vision/alignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace emostream::vision {

namespace {

/// A part of an image, reduced by a whole factor, in gray or in colour; `x`, `y` is where it begins in the
/// image.
template <std::size_t Depth>
struct patch {
  using value = std::array<float, Depth>;

  int x = 0;
  int y = 0;
  int factor = 1;
  int width = 0;
  int height = 0;
  std::vector<value> values;

  /// Adds what is interpolated at a point of the image, clamped to the patch.
  void add(point p, value& to) const {
    const float inverse = 1.0F / static_cast<float>(factor);
    const float u =
        std::clamp((p.x - static_cast<float>(x)) * inverse - 0.5F, 0.0F, static_cast<float>(width - 1));
    const float v =
        std::clamp((p.y - static_cast<float>(y)) * inverse - 0.5F, 0.0F, static_cast<float>(height - 1));
    const int left = static_cast<int>(u);
    const int top = static_cast<int>(v);
    const float du = u - static_cast<float>(left);
    const float dv = v - static_cast<float>(top);
    const value* upper = values.data() + static_cast<std::ptrdiff_t>(top) * width + left;
    const value* lower = top + 1 < height ? upper + width : upper;
    const int next = left + 1 < width ? 1 : 0;
    for (std::size_t c = 0; c < Depth; ++c) {
      const float above = upper[0][c] + du * (upper[next][c] - upper[0][c]);
      const float below = lower[0][c] + du * (lower[next][c] - lower[0][c]);
      to[c] += above + dv * (below - above);
    }
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

template <std::size_t Depth>
patch<Depth> reduce(const image& from, const range& columns, const range& rows, int factor) {
  patch<Depth> reduced{columns.begin,
                       rows.begin,
                       factor,
                       (columns.length() + factor - 1) / factor,
                       (rows.length() + factor - 1) / factor,
                       {}};
  reduced.values.resize(static_cast<std::size_t>(reduced.width) * static_cast<std::size_t>(reduced.height));
  constexpr float unit = Depth == 1 ? 256 : 1;
  std::vector<std::array<std::uint32_t, Depth>> sums(static_cast<std::size_t>(reduced.width));
  for (int py = 0; py < reduced.height; ++py) {
    std::ranges::fill(sums, std::array<std::uint32_t, Depth>{});
    const int top = rows.begin + py * factor;
    const int bottom = std::min(top + factor, rows.end);
    for (int y = top; y < bottom; ++y) {
      const std::uint8_t* pixel =
          from.pixels.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(from.width) +
                                static_cast<std::size_t>(columns.begin)) *
                                   3;
      int left = columns.length();
      for (auto& sum : sums) {
        const int block = std::min(factor, left);
        left -= block;
        for (int i = 0; i < block; ++i, pixel += 3) {
          if constexpr (Depth == 1) {  // luma of BT.601, in 1/256
            sum[0] += 77U * pixel[0] + 150U * pixel[1] + 29U * pixel[2];
          } else {
            for (std::size_t c = 0; c < 3; ++c) sum[c] += pixel[c];
          }
        }
      }
    }
    auto* out = reduced.values.data() + static_cast<std::ptrdiff_t>(py) * reduced.width;
    int left = columns.length();
    for (const auto& sum : sums) {
      const int block = std::min(factor, left);
      left -= block;
      for (std::size_t c = 0; c < Depth; ++c)
        (*out)[c] = static_cast<float>(sum[c]) / (unit * static_cast<float>(block * (bottom - top)));
      ++out;
    }
  }
  return reduced;
}

template <std::size_t Depth>
void cut_as(const image& from, const similarity& to_image, const input_format& format,
            std::span<float> tensor) {
  const auto wide = static_cast<float>(format.width);
  const auto high = static_cast<float>(format.height);
  float left = INFINITY;
  float right = -INFINITY;
  float top = INFINITY;
  float bottom = -INFINITY;
  for (const point corner : {point{0, 0}, point{wide, 0}, point{0, high}, point{wide, high}}) {
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
  const auto face = reduce<Depth>(from, {left, right, from.width}, {top, bottom, from.height}, factor);
  const int samples =
      std::clamp(static_cast<int>(std::ceil(scale / static_cast<float>(factor) - 0.25F)), 1, 4);
  const float step = 1.0F / static_cast<float>(samples);
  const float share = step * step;
  const pixel_writer<Depth> out(format, tensor.data());
  std::size_t pixel = 0;
  for (int y = 0; y < format.height; ++y) {
    for (int x = 0; x < format.width; ++x) {
      std::array<float, Depth> sum{};
      for (int j = 0; j < samples; ++j) {
        for (int i = 0; i < samples; ++i) {
          face.add(to_image({static_cast<float>(x) + (static_cast<float>(i) + 0.5F) * step,
                             static_cast<float>(y) + (static_cast<float>(j) + 0.5F) * step}),
                   sum);
        }
      }
      for (float& v : sum) v *= share;
      out.write(pixel++, sum);
    }
  }
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

similarity frame_box(const rect& box, float margin, int size) {
  const float side = std::max(box.width, box.height) * (1 + 2 * margin);
  return {.a = side / static_cast<float>(size),
          .b = 0,
          .x0 = box.x + (box.width - side) / 2,
          .y0 = box.y + (box.height - side) / 2};
}

void cut(const image& from, const similarity& to_image, const input_format& format, std::span<float> tensor) {
  if (format.channels == colours::gray)
    cut_as<1>(from, to_image, format, tensor);
  else
    cut_as<3>(from, to_image, format, tensor);
}

void cut_gray(const image& from, const similarity& to_image, int size, std::span<float> crop) {
  cut(from, to_image, {.width = size, .height = size}, crop);
}

}  // namespace emostream::vision

#include "vision/tracking/appearance.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace emostream::vision {

namespace {

constexpr int side = appearance::side;
constexpr std::size_t pixels = appearance::pixels;
constexpr float middle = side / 2.0F;

/// How much each pixel counts, summing to 1.
const std::array<float, pixels>& window() {
  static const auto made = [] {
    std::array<float, pixels> weights{};
    constexpr float spread = 0.3F * side;
    float sum = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float x = static_cast<float>(i % side) + 0.5F - middle;
      const float y = static_cast<float>(i / side) + 0.5F - middle;
      sum += weights[i] = std::exp(-(x * x + y * y) / (2 * spread * spread));
    }
    for (float& w : weights) w /= sum;
    return weights;
  }();
  return made;
}

/// Brings a picture to mean 0 and deviation 1 under the window; false if it is too flat to tell anything.
bool standardise(std::span<float, pixels> picture) {
  const auto& weights = window();
  float mean = 0;
  for (std::size_t i = 0; i < pixels; ++i) mean += weights[i] * picture[i];
  float variance = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    picture[i] -= mean;
    variance += weights[i] * picture[i] * picture[i];
  }
  constexpr float flat = 4;  // squared levels of gray
  const float scale = 1 / std::sqrt(std::max(variance, flat));
  for (float& v : picture) v *= scale;
  return variance > flat;
}

using matrix = std::array<std::array<float, 4>, 4>;

/// Gauss-Jordan with pivots; nothing if the matrix is singular.
std::optional<matrix> inverted(matrix m) {
  matrix inverse{};
  for (std::size_t i = 0; i < 4; ++i) inverse[i][i] = 1;
  for (std::size_t column = 0; column < 4; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < 4; ++row)
      if (std::abs(m[row][column]) > std::abs(m[pivot][column])) pivot = row;
    if (std::abs(m[pivot][column]) < 1e-9F) return std::nullopt;
    std::swap(m[pivot], m[column]);
    std::swap(inverse[pivot], inverse[column]);
    const float scale = 1 / m[column][column];
    for (std::size_t k = 0; k < 4; ++k) {
      m[column][k] *= scale;
      inverse[column][k] *= scale;
    }
    for (std::size_t row = 0; row < 4; ++row) {
      if (row == column) continue;
      const float factor = m[row][column];
      for (std::size_t k = 0; k < 4; ++k) {
        m[row][k] -= factor * m[column][k];
        inverse[row][k] -= factor * inverse[column][k];
      }
    }
  }
  return inverse;
}

/// `frame` after the inverse of the small motion (1 + turn)·z + shift about the picture's middle, z a complex
/// number.
similarity undone(const similarity& frame, float grow, float turn, point shift) {
  const float c = 1 + grow;
  const float norm = c * c + turn * turn;
  similarity s;
  s.a = (frame.a * c + frame.b * turn) / norm;
  s.b = (frame.b * c - frame.a * turn) / norm;
  const point at = frame({middle, middle});
  const point now{at.x - (s.a * shift.x - s.b * shift.y), at.y - (s.b * shift.x + s.a * shift.y)};
  s.x0 = now.x - (s.a * middle - s.b * middle);
  s.y0 = now.y - (s.b * middle + s.a * middle);
  return s;
}

similarity shifted(const similarity& frame, point by) {
  similarity s = frame;
  s.x0 += by.x;
  s.y0 += by.y;
  return s;
}

}  // namespace

/// Makes the neighbourhood of the frame, `margin` of its side around it, ready to be sampled. Frames are from
/// here on in the pixels of `in`.
void appearance::open_window(const image& in, const similarity& frame, float margin, room& work) const {
  const point at = frame({middle, middle});
  const float reach =
      frame.scale() * side * (0.5F + margin) * 1.2F;  // a face that leans is wider than its side
  const int factor = std::clamp(static_cast<int>(frame.scale()), 1, std::max(in.width, in.height));
  work.window.take(in, {at.x - reach, at.y - reach}, {at.x + reach, at.y + reach}, factor);
}

void appearance::sample(const similarity& frame, room& work) {
  work.seen.fill(0);
  for (int y = 0; y < side; ++y)
    work.window.add_row(frame({0.5F, static_cast<float>(y) + 0.5F}), {frame.a, frame.b},
                        std::span(work.seen).subspan(static_cast<std::size_t>(y * side), side));
}

/// What a little growth, turn and shift would change in the picture. It takes less time to find anew than
/// memory to keep, of which there is a face's worth for each face in view.
void appearance::find_descent(room& work) const {
  constexpr int wide = side + 2;
  std::array<float, static_cast<std::size_t>(wide * wide)> around;  // the picture, whose border goes on
  for (int y = 0; y < wide; ++y) {
    const float* row = values_.data() + static_cast<std::ptrdiff_t>(std::clamp(y - 1, 0, side - 1) * side);
    float* to = around.data() + static_cast<std::ptrdiff_t>(y * wide);
    to[0] = row[0];
    std::copy_n(row, side, to + 1);
    to[side + 1] = row[side - 1];
  }
  auto& [growth, turn, right, down] = work.descent;
  const auto& weights = window();
  for (int y = 0; y < side; ++y) {
    const float* here = around.data() + static_cast<std::ptrdiff_t>((y + 1) * wide + 1);
    const float v = static_cast<float>(y) + 0.5F - middle;
    for (int x = 0; x < side; ++x) {
      const auto i = static_cast<std::size_t>(y * side + x);
      const float u = static_cast<float>(x) + 0.5F - middle;
      const float dx = weights[i] * (here[x + 1] - here[x - 1]) / 2;
      const float dy = weights[i] * (here[x + wide] - here[x - wide]) / 2;
      growth[i] = dx * u + dy * v;
      turn[i] = dy * u - dx * v;
      right[i] = dx;
      down[i] = dy;
    }
  }
}

void appearance::learn(const image& from, const similarity& frame, room& work) {
  const similarity here = frame.reduced(from.reduction);
  open_window(from, here, 0, work);
  sample(here, work);
  values_ = work.seen;
  standardise(values_);

  find_descent(work);
  const auto& weights = window();
  matrix hessian{};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j <= k; ++j)
      for (std::size_t i = 0; i < pixels; ++i)
        hessian[k][j] += work.descent[k][i] * work.descent[j][i] / weights[i];
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = k + 1; j < 4; ++j) hessian[k][j] = hessian[j][k];
  // A face without features has no way to be followed by; it stays where it is.
  inverse_ = inverted(hessian).value_or(matrix{});
}

appearance::match appearance::refine(similarity frame, room& work) const {
  constexpr int most_steps = 12;
  constexpr float still = 0.02F;  // pixels of the picture, at its edge
  const auto& weights = window();
  match best{frame, -1};
  for (int step = 0; step < most_steps; ++step) {
    sample(frame, work);
    if (!standardise(work.seen)) break;
    std::array<float, 4> slope{};
    float likeness = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float error = work.seen[i] - values_[i];
      likeness += weights[i] * work.seen[i] * values_[i];
      for (std::size_t k = 0; k < 4; ++k) slope[k] += work.descent[k][i] * error;
    }
    if (likeness > best.likeness) best = {frame, likeness};
    std::array<float, 4> by{};
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t j = 0; j < 4; ++j) by[k] += inverse_[k][j] * slope[j];
    const float motion =
        std::max({std::abs(by[0]) * middle, std::abs(by[1]) * middle, std::abs(by[2]), std::abs(by[3])});
    // Farther than the picture can see: it has lost its way.
    if (!(motion < middle)) break;
    frame = undone(frame, by[0], by[1], {by[2], by[3]});
    if (motion < still) break;
  }
  return best;
}

appearance::match appearance::follow(const image& in, const similarity& near, room& work) const {
  const similarity here = near.reduced(in.reduction);
  open_window(in, here, 0.25F, work);
  find_descent(work);
  match found = refine(here, work);
  found.frame = found.frame.enlarged(in.reduction);
  return found;
}

/// Where a coarse picture of the face fits best on a grid of shifts; in pixels of the picture.
point appearance::find_shift(const similarity& near, room& work) const {
  constexpr int step = 4;             // pixels of the picture that become one
  constexpr int small = side / step;  // side of the coarse picture
  constexpr int reach = small;        // how far it is shifted, in coarse pixels
  constexpr int wide = small + 2 * reach;
  std::array<float, static_cast<std::size_t>(small * small)> coarse{};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      coarse[static_cast<std::size_t>(y / step * small + x / step)] +=
          values_[static_cast<std::size_t>(y * side + x)] / (step * step);
  float mean = 0;
  for (const float v : coarse) mean += v / (small * small);
  for (float& v : coarse) v -= mean;  // then the mean of what is seen makes no difference
  std::array<float, static_cast<std::size_t>(wide * wide)> around{};
  for (int y = 0; y < wide; ++y) {
    const auto row = std::span(around).subspan(static_cast<std::size_t>(y * wide), wide);
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 2; ++i)
        work.window.add_row(
            near({(0.25F + 0.5F * static_cast<float>(i) - reach) * step,
                  (0.25F + 0.5F * static_cast<float>(j) + static_cast<float>(y - reach)) * step}),
            {near.a * step, near.b * step}, row);
    for (float& v : row) v /= 4;
  }
  point best{};
  float most = -1;
  for (int dy = 0; dy <= 2 * reach; ++dy) {
    for (int dx = 0; dx <= 2 * reach; ++dx) {
      float sum = 0;
      float square = 0;
      float product = 0;
      for (int y = 0; y < small; ++y) {
        const float* row = around.data() + static_cast<std::ptrdiff_t>((y + dy) * wide + dx);
        const float* known = coarse.data() + static_cast<std::ptrdiff_t>(y * small);
        for (int x = 0; x < small; ++x) {
          sum += row[x];
          square += row[x] * row[x];
          product += row[x] * known[x];
        }
      }
      const float count = small * small;
      const float variance = square / count - (sum / count) * (sum / count);
      const float likeness = product / count / std::sqrt(std::max(variance, 4.0F));
      if (likeness > most) {
        most = likeness;
        best = {static_cast<float>((dx - reach) * step), static_cast<float>((dy - reach) * step)};
      }
    }
  }
  return best;
}

appearance::match appearance::search(const image& in, const similarity& near, room& work) const {
  const similarity here = near.reduced(in.reduction);
  open_window(in, here, 1, work);
  find_descent(work);
  const point by = find_shift(here, work);
  match found = refine(shifted(here, {here.a * by.x - here.b * by.y, here.b * by.x + here.a * by.y}), work);
  found.frame = found.frame.enlarged(in.reduction);
  return found;
}

}  // namespace emostream::vision

#include "vision/tracking/face_template.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace emostream::vision {

namespace {

constexpr int side = face_template::side;
constexpr std::size_t pixels = face_template::pixels;
constexpr float middle = side / 2.0F;

/// The Gaussian weight of each pixel; the weights sum to 1.
const std::array<float, pixels>& gaussian() {
  static const auto values = [] {
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
  return values;
}

/// Normalises the values to weighted mean 0 and standard deviation 1; false if they have too little contrast.
bool normalise(std::span<float, pixels> values) {
  const auto& weights = gaussian();
  float mean = 0;
  for (std::size_t i = 0; i < pixels; ++i) mean += weights[i] * values[i];
  float variance = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    values[i] -= mean;
    variance += weights[i] * values[i] * values[i];
  }
  constexpr float min_variance = 4;  // squared gray levels
  const float scale = 1 / std::sqrt(std::max(variance, min_variance));
  for (float& v : values) v *= scale;
  return variance > min_variance;
}

using matrix = std::array<std::array<float, 4>, 4>;

/// Inverts by Gauss-Jordan elimination with pivoting; nullopt if the matrix is singular.
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

/// Composes `transform` with the inverse of a small motion about the template's centre: z ↦ (1 + growth +
/// i·rotation)·z + shift, in complex numbers.
similarity_transform compose_inverse(const similarity_transform& transform, float growth, float rotation,
                                     point shift) {
  const float c = 1 + growth;
  const float norm = c * c + rotation * rotation;
  similarity_transform s;
  s.a = (transform.a * c + transform.b * rotation) / norm;
  s.b = (transform.b * c - transform.a * rotation) / norm;
  const point at = transform({middle, middle});
  const point now{at.x - (s.a * shift.x - s.b * shift.y), at.y - (s.b * shift.x + s.a * shift.y)};
  s.x0 = now.x - (s.a * middle - s.b * middle);
  s.y0 = now.y - (s.b * middle + s.a * middle);
  return s;
}

}  // namespace

/// Loads the image around the template's area, with a margin of `margin` times its side. In the private
/// functions, transforms are to pixels of the image as decoded, which may be reduced.
void face_template::load_region(const image& in, const similarity_transform& transform, float margin,
                                scratch& work) {
  const point at = transform({middle, middle});
  // A rotated square is wider than its side.
  const float half_width = transform.scale() * side * (0.5F + margin) * 1.2F;
  const int factor = std::clamp(static_cast<int>(transform.scale()), 1, std::max(in.width, in.height));
  work.region.take(in, {at.x - half_width, at.y - half_width}, {at.x + half_width, at.y + half_width},
                   factor);
}

void face_template::sample(const similarity_transform& transform, scratch& work) {
  work.sampled.fill(0);
  for (int y = 0; y < side; ++y)
    work.region.add_row(transform({0.5F, static_cast<float>(y) + 0.5F}), {transform.a, transform.b},
                        std::span(work.sampled).subspan(static_cast<std::size_t>(y * side), side));
}

/// Computes the steepest descent images: how growth, rotation and shift change the template. They are
/// recomputed for each call, since keeping them would take four times the memory of each template.
void face_template::compute_steepest_descent(scratch& work) const {
  constexpr int wide = side + 2;
  // The template with its edge pixels repeated once on each side.
  std::array<float, static_cast<std::size_t>(wide * wide)> around;
  for (int y = 0; y < wide; ++y) {
    const float* row = values_.data() + static_cast<std::ptrdiff_t>(std::clamp(y - 1, 0, side - 1) * side);
    float* to = around.data() + static_cast<std::ptrdiff_t>(y * wide);
    to[0] = row[0];
    std::copy_n(row, side, to + 1);
    to[side + 1] = row[side - 1];
  }
  auto& [growth, rotation, shift_x, shift_y] = work.steepest_descent;
  const auto& weights = gaussian();
  for (int y = 0; y < side; ++y) {
    const float* here = around.data() + static_cast<std::ptrdiff_t>((y + 1) * wide + 1);
    const float v = static_cast<float>(y) + 0.5F - middle;
    for (int x = 0; x < side; ++x) {
      const auto i = static_cast<std::size_t>(y * side + x);
      const float u = static_cast<float>(x) + 0.5F - middle;
      const float dx = weights[i] * (here[x + 1] - here[x - 1]) / 2;
      const float dy = weights[i] * (here[x + wide] - here[x - wide]) / 2;
      growth[i] = dx * u + dy * v;
      rotation[i] = dy * u - dx * v;
      shift_x[i] = dx;
      shift_y[i] = dy;
    }
  }
}

void face_template::capture(const image& from, const similarity_transform& transform, scratch& work) {
  const similarity_transform here = transform.reduced(from.reduction);
  load_region(from, here, 0, work);
  sample(here, work);
  values_ = work.sampled;
  normalise(values_);

  compute_steepest_descent(work);
  const auto& weights = gaussian();
  matrix hessian{};
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j <= k; ++j)
      for (std::size_t i = 0; i < pixels; ++i)
        hessian[k][j] += work.steepest_descent[k][i] * work.steepest_descent[j][i] / weights[i];
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = k + 1; j < 4; ++j) hessian[k][j] = hessian[j][k];
  // Without texture the Hessian is singular; a zero matrix then keeps the position unchanged.
  inverse_hessian_ = inverted(hessian).value_or(matrix{});
}

face_template::match face_template::refine(similarity_transform transform, scratch& work) const {
  constexpr int max_steps = 12;
  constexpr float converged = 0.02F;  // motion at the template's edge, in its pixels
  const auto& weights = gaussian();
  match best{transform, -1};
  for (int step = 0; step < max_steps; ++step) {
    sample(transform, work);
    if (!normalise(work.sampled)) break;
    std::array<float, 4> gradient{};
    float score = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float error = work.sampled[i] - values_[i];
      score += weights[i] * work.sampled[i] * values_[i];
      for (std::size_t k = 0; k < 4; ++k) gradient[k] += work.steepest_descent[k][i] * error;
    }
    if (score > best.score) best = {transform, score};
    std::array<float, 4> by{};
    for (std::size_t k = 0; k < 4; ++k)
      for (std::size_t j = 0; j < 4; ++j) by[k] += inverse_hessian_[k][j] * gradient[j];
    const float motion =
        std::max({std::abs(by[0]) * middle, std::abs(by[1]) * middle, std::abs(by[2]), std::abs(by[3])});
    // A step of more than half the template means that the iteration diverges.
    if (!(motion < middle)) break;
    transform = compose_inverse(transform, by[0], by[1], {by[2], by[3]});
    if (motion < converged) break;
  }
  return best;
}

face_template::match face_template::align(const image& in, const similarity_transform& near,
                                          scratch& work) const {
  const similarity_transform here = near.reduced(in.reduction);
  load_region(in, here, 0.25F, work);
  compute_steepest_descent(work);
  match found = refine(here, work);
  found.transform = found.transform.enlarged(in.reduction);
  return found;
}

/// Finds the shift, in template pixels, at which a coarse template correlates best with the image.
point face_template::find_shift(const similarity_transform& near, scratch& work) const {
  constexpr int step = 4;                   // template pixels per coarse pixel
  constexpr int coarse_side = side / step;  // side of the coarse template
  constexpr int max_shift = coarse_side;    // in coarse pixels
  constexpr int search_side = coarse_side + 2 * max_shift;
  std::array<float, static_cast<std::size_t>(coarse_side * coarse_side)> coarse{};
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      coarse[static_cast<std::size_t>(y / step * coarse_side + x / step)] +=
          values_[static_cast<std::size_t>(y * side + x)] / (step * step);
  float mean = 0;
  for (const float v : coarse) mean += v / (coarse_side * coarse_side);
  for (float& v : coarse) v -= mean;  // makes the correlation independent of the image's mean
  std::array<float, static_cast<std::size_t>(search_side * search_side)> searched{};
  for (int y = 0; y < search_side; ++y) {
    const auto row = std::span(searched).subspan(static_cast<std::size_t>(y * search_side), search_side);
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 2; ++i)
        work.region.add_row(
            near({(0.25F + 0.5F * static_cast<float>(i) - max_shift) * step,
                  (0.25F + 0.5F * static_cast<float>(j) + static_cast<float>(y - max_shift)) * step}),
            {near.a * step, near.b * step}, row);
    for (float& v : row) v /= 4;
  }
  point best{};
  float best_score = -1;
  for (int dy = 0; dy <= 2 * max_shift; ++dy) {
    for (int dx = 0; dx <= 2 * max_shift; ++dx) {
      float sum = 0;
      float square = 0;
      float product = 0;
      for (int y = 0; y < coarse_side; ++y) {
        const float* row = searched.data() + static_cast<std::ptrdiff_t>((y + dy) * search_side + dx);
        const float* known = coarse.data() + static_cast<std::ptrdiff_t>(y * coarse_side);
        for (int x = 0; x < coarse_side; ++x) {
          sum += row[x];
          square += row[x] * row[x];
          product += row[x] * known[x];
        }
      }
      const float count = coarse_side * coarse_side;
      const float variance = square / count - (sum / count) * (sum / count);
      const float score = product / count / std::sqrt(std::max(variance, 4.0F));
      if (score > best_score) {
        best_score = score;
        best = {static_cast<float>((dx - max_shift) * step), static_cast<float>((dy - max_shift) * step)};
      }
    }
  }
  return best;
}

face_template::match face_template::search(const image& in, const similarity_transform& near,
                                           scratch& work) const {
  const similarity_transform here = near.reduced(in.reduction);
  load_region(in, here, 1, work);
  compute_steepest_descent(work);
  const point by = find_shift(here, work);
  match found = refine(here.shifted({here.a * by.x - here.b * by.y, here.b * by.x + here.a * by.y}), work);
  found.transform = found.transform.enlarged(in.reduction);
  return found;
}

}  // namespace emostream::vision

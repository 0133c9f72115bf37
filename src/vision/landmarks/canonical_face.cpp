#include "vision/landmarks/canonical_face.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "vision/models/manifest_reader.hpp"

namespace emostream::vision {

namespace {

using matrix3 = std::array<std::array<double, 3>, 3>;
using matrix4 = std::array<std::array<double, 4>, 4>;
using quaternion = std::array<double, 4>;  // w, x, y, z

/// Degrees by which the canonical face looks up: the median of portraits of people who look into the camera
/// is 7 degrees lower, and the line from the corner of its eye to the tragus rises by 20 degrees, 7 more than
/// in people who look straight ahead.
constexpr double upward_tilt = 7;

/// The symmetric matrix whose eigenvector of the largest eigenvalue is the rotation that turns vectors p
/// towards q, given the sum of their products p qᵀ.
matrix4 horn_matrix(const matrix3& s) {
  const double xx = s[0][0];
  const double yy = s[1][1];
  const double zz = s[2][2];
  const double yz = s[1][2] - s[2][1];
  const double zx = s[2][0] - s[0][2];
  const double xy = s[0][1] - s[1][0];
  const double xy2 = s[0][1] + s[1][0];
  const double yz2 = s[1][2] + s[2][1];
  const double zx2 = s[2][0] + s[0][2];
  return {{{xx + yy + zz, yz, zx, xy},
           {yz, xx - yy - zz, xy2, zx2},
           {zx, xy2, yy - xx - zz, yz2},
           {xy, zx2, yz2, zz - xx - yy}}};
}

double norm(const matrix4& m) {
  double sum = 0;
  for (const auto& row : m) {
    for (const double value : row) sum += value * value;
  }
  return std::sqrt(sum);
}

matrix4 squared(const matrix4& m) {
  matrix4 product{};
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t k = 0; k < 4; ++k) product[i][j] += m[i][k] * m[k][j];
    }
  }
  return product;
}

void scale(matrix4& m, double factor) {
  for (auto& row : m) {
    for (double& value : row) value *= factor;
  }
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix that is not 0, by power iteration.
quaternion largest_eigenvector(matrix4 m) {
  const double shift = norm(m);
  for (std::size_t i = 0; i < 4; ++i) m[i][i] += shift;  // now no eigenvalue is negative
  constexpr int squarings = 16;                          // 2^16 iterations
  for (int i = 0; i < squarings; ++i) {
    scale(m, 1 / norm(m));
    m = squared(m);
  }
  // Each row is a multiple of the eigenvector; the one with the largest diagonal element is not 0.
  std::size_t best = 0;
  for (std::size_t i = 1; i < 4; ++i) {
    if (m[i][i] > m[best][best]) best = i;
  }
  quaternion v = m[best];
  const double length = std::hypot(std::hypot(v[0], v[1]), std::hypot(v[2], v[3]));
  for (double& value : v) value /= length;
  return v;
}

/// The angles of a rotation, which is the product of roll, yaw and pitch.
head_pose angles(const quaternion& rotation) {
  const auto [w, x, y, z] = rotation;
  constexpr double degrees = 180 / std::numbers::pi;
  const double yaw = std::asin(std::clamp(2 * (w * y - x * z), -1.0, 1.0)) * degrees;
  const double pitch = std::atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)) * degrees;
  const double roll = std::atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)) * degrees;
  return {static_cast<float>(yaw), static_cast<float>(pitch + upward_tilt), static_cast<float>(roll)};
}

}  // namespace

canonical_face::canonical_face(const std::filesystem::path& file) {
  const manifest_reader reader(file);
  constexpr double limit = 1000;
  const auto x = reader.numbers("x", mesh_point_count, -limit, limit);
  const auto y = reader.numbers("y", mesh_point_count, -limit, limit);
  const auto z = reader.numbers("z", mesh_point_count, -limit, limit);
  const auto weight = reader.numbers("weight", mesh_point_count, 0, limit);
  reader.reject_unknown_keys();

  double sum = 0;
  vector3 mean{};
  for (std::size_t i = 0; i < mesh_point_count; ++i) {
    sum += weight[i];
    mean[0] += weight[i] * x[i];
    mean[1] -= weight[i] * y[i];
    mean[2] += weight[i] * z[i];
  }
  if (sum == 0) reader.fail("weight", "must have a number above 0");
  for (double& value : mean) value /= sum;
  for (std::size_t i = 0; i < mesh_point_count; ++i) {
    if (weight[i] == 0) continue;
    anchors_.push_back(
        {i, {weight[i] * (x[i] - mean[0]), weight[i] * (-y[i] - mean[1]), weight[i] * (z[i] - mean[2])}});
  }
}

head_pose canonical_face::pose(const mesh_points& points) const {
  // The positions of the anchors are relative to their mean, therefore that of `points` has no influence.
  matrix3 products{};
  for (const anchor& a : anchors_) {
    const mesh_point& p = points[a.index];
    const vector3 seen{p.x, p.y, -p.z};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) products[i][j] += a.weighted[i] * seen[j];
    }
  }
  const matrix4 m = horn_matrix(products);
  if (norm(m) == 0) return {};
  return angles(largest_eigenvector(m));
}

}  // namespace emostream::vision

#include "vision/landmarks/face_mesh.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace emostream::vision {

namespace {

// Indices of points. Left and right are those of the image of an upright face.
constexpr std::array<std::size_t, 16> left_eye_contour{33,  7,   163, 144, 145, 153, 154, 155,
                                                       133, 173, 157, 158, 159, 160, 161, 246};
constexpr std::array<std::size_t, 16> right_eye_contour{263, 249, 390, 373, 374, 380, 381, 382,
                                                        362, 398, 384, 385, 386, 387, 388, 466};
constexpr std::array<std::size_t, 2> lips{13, 14};
constexpr std::size_t left_outer_corner = 33;
constexpr std::size_t right_outer_corner = 263;
constexpr std::size_t nose_tip = 1;
constexpr std::size_t left_tragus = 234;
constexpr std::size_t right_tragus = 454;

point flat(const mesh_point& p) {
  return {p.x, p.y};
}

point mean(const mesh_points& points, std::span<const std::size_t> indices) {
  point sum;
  for (const std::size_t i : indices) {
    sum.x += points[i].x;
    sum.y += points[i].y;
  }
  const auto count = static_cast<float>(indices.size());
  return {sum.x / count, sum.y / count};
}

point turned_by(float roll, point p) {
  const float c = std::cos(roll);
  const float s = std::sin(roll);
  return {c * p.x - s * p.y, s * p.x + c * p.y};
}

/// The bounding box of the points after they have been turned by -`roll` around the origin.
rect bounds(const mesh_points& points, float roll) {
  const float c = std::cos(roll);
  const float s = std::sin(roll);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  point low{infinity, infinity};
  point high{-infinity, -infinity};
  for (const mesh_point& p : points) {
    const point turned{c * p.x + s * p.y, c * p.y - s * p.x};
    low = {std::min(low.x, turned.x), std::min(low.y, turned.y)};
    high = {std::max(high.x, turned.x), std::max(high.y, turned.y)};
  }
  return {low.x, low.y, high.x - low.x, high.y - low.y};
}

/// A square crop around `centre`, whose side is `side` pixels of the image, turned by `roll`.
similarity_transform square_crop(point centre, float side, float roll) {
  const float scale = side / mesh_crop_side;
  similarity_transform t{.a = scale * std::cos(roll), .b = scale * std::sin(roll)};
  constexpr float middle = mesh_crop_side / 2.0F;
  t.x0 = centre.x - (t.a - t.b) * middle;
  t.y0 = centre.y - (t.b + t.a) * middle;
  return t;
}

/// As in MediaPipe's graphs.
constexpr float crop_enlargement = 1.5F;

}  // namespace

keypoints keypoints_of(const mesh_points& points) {
  keypoints k;
  k[left_eye] = mean(points, left_eye_contour);
  k[right_eye] = mean(points, right_eye_contour);
  k[nose] = flat(points[nose_tip]);
  k[mouth] = mean(points, lips);
  k[left_ear] = flat(points[left_tragus]);
  k[right_ear] = flat(points[right_tragus]);
  return k;
}

rect box_of(const mesh_points& points) {
  // Medians of 79 portraits, for BlazeFace's two models.
  constexpr float relative_side = 0.93F;
  constexpr float relative_shift = 0.037F;  // towards the chin
  const float roll = roll_of(points);
  const rect turned = bounds(points, roll);
  const float height = std::max(turned.width, turned.height);
  const point middle = turned_by(roll, {turned.centre().x, turned.centre().y + relative_shift * height});
  const float side = relative_side * height;
  return {middle.x - side / 2, middle.y - side / 2, side, side};
}

float roll_of(const mesh_points& points) {
  const mesh_point& l = points[left_outer_corner];
  const mesh_point& r = points[right_outer_corner];
  return std::atan2(r.y - l.y, r.x - l.x);
}

similarity_transform mesh_crop(const rect& box, float roll) {
  return square_crop(box.centre(), crop_enlargement * std::max(box.width, box.height), roll);
}

similarity_transform mesh_crop(const mesh_points& points) {
  const float roll = roll_of(points);
  const rect turned = bounds(points, roll);
  return square_crop(turned_by(roll, turned.centre()),
                     crop_enlargement * std::max(turned.width, turned.height), roll);
}

void transform(mesh_points& points, const similarity_transform& by) {
  const float scale = by.scale();
  for (mesh_point& p : points) {
    const point to = by({p.x, p.y});
    p = {to.x, to.y, scale * p.z};
  }
}

float mesh_difference(const mesh_points& a, const mesh_points& b) {
  float sum = 0;
  for (std::size_t i = 0; i < mesh_point_count; ++i) sum += std::hypot(a[i].x - b[i].x, a[i].y - b[i].y);
  const rect box = bounds(a, 0);
  return sum / static_cast<float>(mesh_point_count) / std::max({box.width, box.height, 1.0F});
}

}  // namespace emostream::vision

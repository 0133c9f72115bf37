#include "vision/landmarks/canonical_face.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "vision/files.hpp"
#include "vision/models/manifest_reader.hpp"

namespace emostream::vision {
namespace {

constexpr float radians = std::numbers::pi_v<float> / 180;

/// Degrees by which the canonical face looks up.
constexpr float upward_tilt = 7;

std::filesystem::path canonical_face_file() {
  return testing::face_mesh_folder() / "canonical_face.toml";
}

/// The points of the canonical face in centimetres, with the axes of mesh_point.
const mesh_points& frontal_face() {
  static const mesh_points points = [] {
    const manifest_reader reader(canonical_face_file());
    const auto x = reader.numbers("x", mesh_point_count, -100, 100);
    const auto y = reader.numbers("y", mesh_point_count, -100, 100);
    const auto z = reader.numbers("z", mesh_point_count, -100, 100);
    mesh_points read;
    for (std::size_t i = 0; i < mesh_point_count; ++i)
      read[i] = {static_cast<float>(x[i]), static_cast<float>(-y[i]), static_cast<float>(-z[i])};
    return read;
  }();
  return points;
}

/// frontal_face(), turned by a pose.
mesh_points turned_face(const head_pose& pose) {
  const float cp = std::cos(pose.pitch * radians), sp = std::sin(pose.pitch * radians);
  const float cy = std::cos(pose.yaw * radians), sy = std::sin(pose.yaw * radians);
  const float cr = std::cos(pose.roll * radians), sr = std::sin(pose.roll * radians);
  mesh_points turned = frontal_face();
  for (mesh_point& p : turned) {
    p = {p.x, cp * p.y + sp * p.z, cp * p.z - sp * p.y};
    p = {cy * p.x - sy * p.z, p.y, cy * p.z + sy * p.x};
    p = {cr * p.x - sr * p.y, sr * p.x + cr * p.y, p.z};
  }
  return turned;
}

/// Draws a face of a size with parallel rays.
mesh_points seen_from_afar(mesh_points face) {
  for (mesh_point& p : face) p = {320 + 12 * p.x, 240 + 12 * p.y, 12 * p.z + 5};
  return face;
}

/// Draws it as a camera at a distance in centimetres sees it.
mesh_points seen_from(float distance, mesh_points face) {
  for (mesh_point& p : face) {
    const float scale = 12 * distance / (distance + p.z);
    p = {320 + scale * p.x, 240 + scale * p.y, 12 * p.z};
  }
  return face;
}

float difference(float angle, float other) {
  return std::remainder(angle - other, 360.0F);
}

TEST(canonical_face_test, a_face_that_looks_into_the_camera_has_no_rotation) {
  const canonical_face canonical(canonical_face_file());
  const auto pose = canonical.pose(seen_from_afar(turned_face({.yaw = 0, .pitch = -upward_tilt, .roll = 0})));
  EXPECT_NEAR(pose.yaw, 0, 0.01F);
  EXPECT_NEAR(pose.pitch, 0, 0.01F);
  EXPECT_NEAR(pose.roll, 0, 0.01F);
}

TEST(canonical_face_test, every_rotation_is_found) {
  const canonical_face canonical(canonical_face_file());
  for (float yaw = -80; yaw <= 80; yaw += 40) {
    for (float pitch = -60; pitch <= 60; pitch += 30) {
      for (float roll = -180; roll < 180; roll += 45) {
        const auto pose = canonical.pose(seen_from_afar(turned_face({yaw, pitch, roll})));
        EXPECT_NEAR(pose.yaw, yaw, 0.1F) << yaw << ' ' << pitch << ' ' << roll;
        EXPECT_NEAR(pose.pitch, pitch + upward_tilt, 0.1F) << yaw << ' ' << pitch << ' ' << roll;
        EXPECT_NEAR(difference(pose.roll, roll), 0, 0.1F) << yaw << ' ' << pitch << ' ' << roll;
      }
    }
  }
}

TEST(canonical_face_test, perspective_of_a_camera_at_arms_length_changes_the_pose_by_less_than_2_degrees) {
  const canonical_face canonical(canonical_face_file());
  for (float yaw = -45; yaw <= 45; yaw += 15) {
    for (float pitch = -30; pitch <= 30; pitch += 15) {
      const auto pose = canonical.pose(seen_from(60, turned_face({yaw, pitch, 20})));
      EXPECT_NEAR(pose.yaw, yaw, 2) << yaw << ' ' << pitch;
      EXPECT_NEAR(pose.pitch, pitch + upward_tilt, 2) << yaw << ' ' << pitch;
      EXPECT_NEAR(pose.roll, 20, 2) << yaw << ' ' << pitch;
    }
  }
}

TEST(canonical_face_test, the_pose_of_points_without_extent_is_zero) {
  const canonical_face canonical(canonical_face_file());
  const auto pose = canonical.pose({});
  EXPECT_EQ(pose.yaw, 0);
  EXPECT_EQ(pose.pitch, 0);
  EXPECT_EQ(pose.roll, 0);
}

TEST(canonical_face_test, an_error_names_the_file_and_the_key) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "canonical_face.toml";
  std::ofstream(file) << "x = [1.0]\n";
  try {
    const canonical_face canonical(file);
    FAIL() << "no error";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("canonical_face.toml: x must be an array of 468 numbers"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace emostream::vision

#include "vision/landmarks/eyes.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr float radians = std::numbers::pi_v<float> / 180;

/// A face with almond-shaped eyes, 100 pixels wide.
struct drawn_face {
  float lids = 25;   ///< pixels between the lids
  float iris_x = 0;  ///< from the middle of the eye to the right, pixels
  float iris_y = 0;
  float yaw = 0;  ///< degrees: narrows all in the image
  float roll = 0;
};

/// A point of the drawn face, relative to the middle between the eyes, as seen in the image.
mesh_point seen(const drawn_face& face, float x, float y) {
  const mesh_point turned{x * std::cos(face.yaw * radians), y, x * std::sin(face.yaw * radians)};
  const float c = std::cos(face.roll * radians), s = std::sin(face.roll * radians);
  return {300 + c * turned.x - s * turned.y, 200 + s * turned.x + c * turned.y, turned.z};
}

point seen_flat(const drawn_face& face, float x, float y) {
  const auto p = seen(face, x, y);
  return {p.x, p.y};
}

/// The eye on one side (-1: left, 1: right).
eye_outline draw_eye(const drawn_face& face, float side) {
  constexpr float middle = 100, half_width = 50;
  eye_outline eye;
  for (std::size_t i = 0; i < 9; ++i) {  // from the outer corner to the inner one
    const float along = 1 - static_cast<float>(i) / 4;
    const float x = side * (middle + half_width * along);
    // Flat between the points that are measured.
    const float height = i == 0 || i == 8 ? 0 : face.lids / 2;
    eye.contour[i] = seen_flat(face, x, height);
    if (i > 0 && i < 8) eye.contour[8 + i] = seen_flat(face, x, -height);
  }
  eye.iris.fill(seen_flat(face, side * middle + face.iris_x, face.iris_y));
  return eye;
}

eye_states measured(const drawn_face& face) {
  eye_outlines outlines;
  outlines.left = draw_eye(face, -1);
  outlines.right = draw_eye(face, 1);
  auto& points = outlines.mesh.points;
  points[33] = seen(face, -150, 0);
  points[133] = seen(face, -50, 0);
  points[362] = seen(face, 50, 0);
  points[263] = seen(face, 150, 0);
  return eyes_of(outlines);
}

TEST(eyes_test, openness_is_0_for_closed_eyes_and_1_for_open_ones) {
  EXPECT_EQ(measured({.lids = 4}).left.openness, 0);
  EXPECT_NEAR(measured({.lids = 6}).right.openness, 0, 0.01F);
  EXPECT_NEAR(measured({.lids = 15.5F}).left.openness, 0.5F, 0.01F);
  EXPECT_NEAR(measured({.lids = 25}).left.openness, 1, 0.01F);
  EXPECT_GT(measured({.lids = 35}).right.openness, 1.4F);
}

TEST(eyes_test, openness_depends_neither_on_yaw_nor_on_roll) {
  for (const float yaw : {-60.0F, -30.0F, 30.0F, 60.0F})
    EXPECT_NEAR(measured({.lids = 25, .yaw = yaw}).left.openness, 1, 0.01F) << yaw;
  for (const float roll : {-150.0F, -60.0F, 20.0F, 90.0F})
    EXPECT_NEAR(measured({.lids = 25, .roll = roll}).right.openness, 1, 0.01F) << roll;
}

TEST(eyes_test, gaze_is_0_straight_ahead_and_1_at_a_corner) {
  // Straight ahead, an iris is a little above and outwards of the middle.
  EXPECT_NEAR(measured({.iris_x = -4.5F, .iris_y = -6.5F}).left.gaze.x, 0, 0.01F);
  EXPECT_NEAR(measured({.iris_x = 4.5F, .iris_y = -6.5F}).right.gaze.x, 0, 0.01F);
  EXPECT_NEAR(measured({.iris_x = 4.5F, .iris_y = -6.5F}).right.gaze.y, 0, 0.01F);
  EXPECT_NEAR(measured({.iris_x = 45}).left.gaze.x, 0.99F, 0.01F);
  EXPECT_NEAR(measured({.iris_x = -45}).right.gaze.x, -0.99F, 0.01F);
  EXPECT_NEAR(measured({.iris_y = 6}).left.gaze.y, 1, 0.01F);
  EXPECT_NEAR(measured({.iris_y = -19}).left.gaze.y, -1, 0.01F);
}

TEST(eyes_test, gaze_is_relative_to_the_head_at_any_roll) {
  for (const float roll : {-150.0F, -60.0F, 20.0F, 90.0F}) {
    const auto eyes = measured({.iris_x = 20, .iris_y = -6.5F, .roll = roll});
    EXPECT_NEAR(eyes.left.gaze.x, 0.49F, 0.01F) << roll;
    EXPECT_NEAR(eyes.right.gaze.x, 0.31F, 0.01F) << roll;
    EXPECT_NEAR(eyes.left.gaze.y, 0, 0.01F) << roll;
  }
}

TEST(eyes_test, points_without_extent_give_finite_values) {
  const auto eyes = eyes_of({});
  for (const eye_state& eye : {eyes.left, eyes.right}) {
    EXPECT_EQ(eye.openness, 0);
    EXPECT_TRUE(std::abs(eye.gaze.x) <= 1 && std::abs(eye.gaze.y) <= 1);
  }
}

TEST(eyes_test, the_eye_that_the_nose_hides_has_a_gaze_within_bounds) {
  const auto eyes = measured({.iris_x = 30, .yaw = 90});
  for (const eye_state& eye : {eyes.left, eyes.right}) EXPECT_LE(std::abs(eye.gaze.x), 1);
}

}  // namespace
}  // namespace emostream::vision

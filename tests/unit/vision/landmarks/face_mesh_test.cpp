#include "vision/landmarks/face_mesh.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "vision/detection/detector.hpp"
#include "vision/files.hpp"
#include "vision/landmarks/landmark_network.hpp"
#include "vision/pictures.hpp"

namespace emostream::vision {
namespace {

constexpr float pi = std::numbers::pi_v<float>;
constexpr float middle = mesh_crop_side / 2.0F;

/// An upright face around the origin, 80 wide and 100 high: points on an ellipse, and the eyes' corners.
mesh_points upright() {
  mesh_points points;
  for (std::size_t i = 0; i < mesh_point_count; ++i) {
    const float angle = 2 * pi * static_cast<float>(i) / mesh_point_count;
    points[i] = {40 * std::cos(angle), 50 * std::sin(angle), 10};
  }
  points[33] = {-30, -20, 0};
  points[263] = {30, -20, 0};
  return points;
}

similarity_transform turn(float roll, float scale = 1, point shift = {}) {
  return {scale * std::cos(roll), scale * std::sin(roll), shift.x, shift.y};
}

mesh_points turned(float roll, float scale = 1, point shift = {}) {
  mesh_points points = upright();
  transform(points, turn(roll, scale, shift));
  return points;
}

void expect_near(const point& is, const point& expected, float within) {
  EXPECT_NEAR(is.x, expected.x, within);
  EXPECT_NEAR(is.y, expected.y, within);
}

TEST(face_mesh_test, the_roll_is_that_of_the_eyes_in_any_direction) {
  for (const float roll : {0.0F, 0.3F, -1.2F, pi / 2, 3.0F, -3.0F})
    EXPECT_NEAR(roll_of(turned(roll, 2, {100, 50})), roll, 1e-4);
}

TEST(face_mesh_test, a_transform_moves_points_and_scales_their_depth) {
  const mesh_points moved = turned(pi / 2, 3, {100, 50});
  EXPECT_NEAR(moved[33].x, 100 + 3 * 20, 1e-3);
  EXPECT_NEAR(moved[33].y, 50 - 3 * 30, 1e-3);
  EXPECT_NEAR(moved[0].z, 30, 1e-3);
}

TEST(face_mesh_test, the_crop_of_a_box_is_one_and_a_half_times_as_wide_and_turned) {
  constexpr rect box{100, 200, 60, 80};
  for (const float roll : {0.0F, 0.5F, pi}) {
    const similarity_transform crop = mesh_crop(box, roll);
    EXPECT_NEAR(crop.scale() * mesh_crop_side, 1.5F * 80, 1e-3);
    expect_near(crop({middle, middle}), {130, 240}, 1e-3F);
    // The crop's right side is to the right of the face.
    const point right = crop({mesh_crop_side, middle});
    expect_near(right, {130 + 60 * std::cos(roll), 240 + 60 * std::sin(roll)}, 1e-3F);
  }
}

TEST(face_mesh_test, the_crop_of_points_shows_the_face_upright_in_the_middle) {
  for (const float roll : {0.0F, 0.7F, pi / 2, -2.5F}) {
    const similarity_transform crop = mesh_crop(turned(roll, 2, {300, 200}));
    EXPECT_NEAR(crop.scale() * mesh_crop_side, 1.5F * 200, 0.1);
    expect_near(crop({middle, middle}), {300, 200}, 0.1F);
    const point left_corner = turn(roll, 2, {300, 200})({-30, -20});
    expect_near(crop.apply_inverse(left_corner), {middle - 30 * 192 / 150.0F, middle - 20 * 192 / 150.0F},
                0.1F);
  }
}

TEST(face_mesh_test, the_box_is_a_square_shifted_towards_the_chin) {
  for (const float roll : {0.0F, 0.7F, pi / 2, pi}) {
    const rect box = box_of(turned(roll, 2, {300, 200}));
    EXPECT_FLOAT_EQ(box.width, box.height);
    EXPECT_NEAR(box.width, 200, 20);
    const point chin = turn(roll)({0, 1});
    const point shift{box.centre().x - 300, box.centre().y - 200};
    const float towards_chin = shift.x * chin.x + shift.y * chin.y;
    EXPECT_GT(towards_chin, 0);
    EXPECT_LT(towards_chin, 20);
    EXPECT_NEAR(std::hypot(shift.x, shift.y), towards_chin, 0.1);
  }
}

TEST(face_mesh_test, keypoints_move_with_the_points) {
  const keypoints still = keypoints_of(upright());
  const similarity_transform motion = turn(2, 1.5F, {70, 80});
  const keypoints moved = keypoints_of(turned(2, 1.5F, {70, 80}));
  for (std::size_t k = 0; k < keypoint_count; ++k) expect_near(moved[k], motion(still[k]), 1e-3F);
}

TEST(face_mesh_test, the_difference_is_relative_to_the_size_of_the_face) {
  EXPECT_FLOAT_EQ(mesh_difference(upright(), upright()), 0);
  for (const float scale : {1.0F, 4.0F})
    EXPECT_NEAR(mesh_difference(turned(0, scale), turned(0, scale, {3 * scale, 4 * scale})), 0.05F, 1e-3);
  mesh_points other = upright();
  for (mesh_point& p : other) p.z += 50;
  EXPECT_FLOAT_EQ(mesh_difference(upright(), other), 0) << "the depth is not compared";
  EXPECT_FLOAT_EQ(mesh_difference({}, {}), 0) << "points without extent";
}

/// The mesh of the portrait's face in `in`, after two passes.
mesh_points find(const image& in, const rect& box, float roll) {
  static const landmark_network network(testing::face_mesh_folder() / "landmarks.onnx");
  landmark_scratch scratch;
  face_mesh found;
  network.find(in, mesh_crop(box, roll), scratch, found);
  network.find(in, mesh_crop(found.points), scratch, found);
  EXPECT_GT(found.presence_logit, 10);
  return found.points;
}

TEST(portrait_mesh_test, box_and_keypoints_are_those_of_either_detector) {
  const mesh_points mesh = find(testing::portrait(), testing::portrait_face, 0);
  const rect box = box_of(mesh);
  const keypoints points = keypoints_of(mesh);
  for (const std::string model : {"front", "back"}) {
    const auto detector = load_detector(testing::blazeface(model));
    detection_scratch scratch;
    std::vector<detection> found;
    // In the whole image the front model, of 128×128, is not precise.
    constexpr region around{.left = 120, .top = 20, .width = 210, .height = 210};
    detector->detect(testing::portrait(), around, 0.5F, scratch, found);
    ASSERT_EQ(found.size(), 1U) << model;
    const rect& expected = found[0].box;
    EXPECT_NEAR(box.width / expected.width, 1, 0.06) << model;
    expect_near(box.centre(), expected.centre(), 0.04F * expected.width);
    for (const keypoint k : {left_eye, right_eye, nose, mouth})
      expect_near(points[k], (*found[0].landmarks)[k], 0.06F * expected.width);
  }
}

TEST(portrait_mesh_test, turns_with_the_picture) {
  const mesh_points still = find(testing::portrait(), testing::portrait_face, 0);
  EXPECT_NEAR(roll_of(still), 0, 0.1);
  for (const int quarters : {1, 2, 3}) {
    const image picture = testing::turned(testing::portrait(), quarters);
    const rect box = testing::turned(testing::portrait_face, testing::portrait(), quarters);
    const float roll = pi / 2 * static_cast<float>(quarters);
    const mesh_points mesh = find(picture, box, roll);
    EXPECT_LT(std::abs(std::remainder(roll_of(mesh) - roll_of(still) - roll, 2 * pi)), 0.02F);
    EXPECT_GT(iou(box_of(mesh), testing::turned(box_of(still), testing::portrait(), quarters)), 0.97F);
  }
}

}  // namespace
}  // namespace emostream::vision

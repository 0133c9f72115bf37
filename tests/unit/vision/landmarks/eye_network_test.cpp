#include "vision/landmarks/eye_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "vision/files.hpp"
#include "vision/image/image.hpp"
#include "vision/landmarks/canonical_face.hpp"
#include "vision/landmarks/eyes.hpp"

namespace emostream::vision {
namespace {

/// tests/media/portrait.jpg, decoded, and the box of the face in it.
image portrait() {
  auto decoded = decode(testing::read(testing::source_dir() / "tests/media/portrait.jpg"), {});
  return std::move(*decoded);
}
constexpr rect face_box{173, 75, 104, 104};

image mirrored(const image& from) {
  image to = from;
  for (int y = 0; y < from.height; ++y) {
    for (int x = 0; x < from.width; ++x) {
      const auto row = static_cast<std::size_t>(y * from.width);
      const auto a = (row + static_cast<std::size_t>(x)) * 3;
      const auto b = (row + static_cast<std::size_t>(from.width - 1 - x)) * 3;
      std::copy_n(&from.pixels[a], 3, &to.pixels[b]);
    }
  }
  return to;
}

/// The eyes of a face after two passes.
eye_outlines find(const image& in, const rect& box) {
  static const eye_network network(testing::face_mesh_folder() / "attention.onnx");
  landmark_scratch scratch;
  eye_outlines found;
  network.find(in, mesh_crop(box, 0), scratch, found);
  network.find(in, mesh_crop(found.mesh.points), scratch, found);
  return found;
}

float distance(const point& a, const point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

void expect_near(const point& a, const point& b, float pixels) {
  EXPECT_LT(distance(a, b), pixels) << a.x << ' ' << a.y << ", " << b.x << ' ' << b.y;
}

/// The outline matches points of the mesh.
void expect_on_mesh(const eye_outline& eye, const mesh_points& mesh, std::size_t outer, std::size_t inner) {
  expect_near(eye.contour[0], {mesh[outer].x, mesh[outer].y}, 3);
  expect_near(eye.contour[8], {mesh[inner].x, mesh[inner].y}, 3);
  const point& iris = eye.iris[0];
  expect_near(iris, {(eye.contour[0].x + eye.contour[8].x) / 2, (eye.contour[0].y + eye.contour[8].y) / 2},
              5);
  EXPECT_GT(iris.y, eye.contour[12].y);
  EXPECT_LT(iris.y, eye.contour[4].y);
}

TEST(eye_network_test, finds_the_eyes_of_a_face) {
  const auto eyes = find(portrait(), face_box);
  EXPECT_GT(eyes.mesh.presence_logit, 10);
  expect_on_mesh(eyes.left, eyes.mesh.points, 33, 133);
  expect_on_mesh(eyes.right, eyes.mesh.points, 263, 362);
  EXPECT_LT(eyes.left.contour[8].x, eyes.right.contour[8].x);
}

TEST(eye_network_test, finds_the_edges_of_the_irises) {
  const auto eyes = find(portrait(), face_box);
  for (const eye_outline* eye : {&eyes.left, &eyes.right}) {
    const auto& iris = eye->iris;
    EXPECT_GT(iris[1].x, iris[0].x);
    EXPECT_LT(iris[2].y, iris[0].y);
    EXPECT_LT(iris[3].x, iris[0].x);
    EXPECT_GT(iris[4].y, iris[0].y);
    EXPECT_NEAR(distance(iris[1], iris[3]) / distance(iris[2], iris[4]), 1, 0.3F);
  }
}

TEST(eye_network_test, the_eyes_of_a_mirrored_face_are_exchanged) {
  const image original = portrait();
  const auto width = static_cast<float>(original.width);
  const auto eyes = find(original, face_box);
  const auto other = find(mirrored(original),
                          {width - face_box.x - face_box.width, face_box.y, face_box.width, face_box.height});
  for (std::size_t i = 0; i < eye_outline::contour_points; ++i) {
    expect_near({width - eyes.left.contour[i].x, eyes.left.contour[i].y}, other.right.contour[i], 2);
    expect_near({width - eyes.right.contour[i].x, eyes.right.contour[i].y}, other.left.contour[i], 2);
  }
  expect_near({width - eyes.left.iris[0].x, eyes.left.iris[0].y}, other.right.iris[0], 1);
  expect_near({width - eyes.right.iris[0].x, eyes.right.iris[0].y}, other.left.iris[0], 1);
}

TEST(eye_network_test, a_portrait_looks_into_the_camera_with_open_eyes) {
  const auto found = find(portrait(), face_box);
  const auto eyes = eyes_of(found);
  for (const eye_state& eye : {eyes.left, eyes.right}) {
    EXPECT_NEAR(eye.openness, 1.3F, 0.3F);
    EXPECT_NEAR(eye.gaze.x, 0, 0.15F);
    EXPECT_NEAR(eye.gaze.y, 0, 0.3F);
  }
  const auto pose =
      canonical_face(testing::face_mesh_folder() / "canonical_face.toml").pose(found.mesh.points);
  EXPECT_NEAR(pose.yaw, 0, 5);
  EXPECT_NEAR(pose.pitch, 0, 8);
  EXPECT_NEAR(pose.roll, 1, 3);
}

TEST(eye_network_test, a_network_without_eyes_is_an_error) {
  try {
    const eye_network network(testing::face_mesh_folder() / "landmarks.onnx");
    FAIL() << "no error";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("landmarks.onnx"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("left_eye"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace emostream::vision

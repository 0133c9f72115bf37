#include "vision/search/face_verifier.hpp"

#include <cmath>
#include <filesystem>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "temporary_folder.hpp"
#include "vision/encode.hpp"
#include "vision/files.hpp"
#include "vision/pictures.hpp"
#include "vision/search/suppression.hpp"

namespace emostream::vision {
namespace {

using testing::portrait;
using testing::portrait_face;
using testing::scaled;
using testing::shifted;

constexpr float pi = std::numbers::pi_v<float>;

std::filesystem::path landmarks_file() {
  return testing::face_mesh_folder() / "landmarks.onnx";
}

const face_verifier& verifier() {
  static const face_verifier v(testing::blazeface("front"), landmarks_file());
  return v;
}

detection candidate_at(const rect& box, float confidence = 0.6F) {
  return {.confidence = confidence, .box = box};
}

/// A candidate with the landmarks of an upright face.
detection upright_at(const rect& box) {
  detection d = candidate_at(box);
  keypoints& points = d.landmarks.emplace();
  points.fill(box.centre());
  points[left_eye] = {box.x + 0.3F * box.width, box.y + 0.3F * box.height};
  points[right_eye] = {box.x + 0.7F * box.width, box.y + 0.3F * box.height};
  return d;
}

std::optional<found_face> verify(const image& in, const detection& candidate,
                                 roll_search rolls = roll_search::as_detected,
                                 const std::vector<rect>& known = {}, const face_verifier& by = verifier()) {
  verifier_scratch scratch;
  return by.verify(in, candidate, rolls, known, scratch);
}

/// 0: there is none.
float confidence(const std::optional<found_face>& face) {
  return face ? face->confidence : 0;
}

/// Asserts that it is the portrait's face, turned by `quarters` and moved and scaled by `at`.
void expect_portrait(const std::optional<found_face>& face, const rect& box, int quarters = 0) {
  ASSERT_TRUE(face);
  EXPECT_GT(face->confidence, 0.9F);
  EXPECT_GT(iou(face->box, box), 0.8F);
  ASSERT_TRUE(face->mesh);
  EXPECT_GT(iou(box_of(*face->mesh), box), 0.8F);
  ASSERT_TRUE(face->landmarks);
  const point& l = (*face->landmarks)[left_eye];
  const point& r = (*face->landmarks)[right_eye];
  const float roll = std::atan2(r.y - l.y, r.x - l.x);
  EXPECT_LT(std::abs(std::remainder(roll - pi / 2 * static_cast<float>(quarters), 2 * pi)), 0.15F);
  EXPECT_NEAR(std::hypot(r.x - l.x, r.y - l.y) / box.width, 0.43, 0.06);
}

TEST(face_verifier_test, finds_where_the_face_is_from_a_candidate_beside_it) {
  const float half = portrait_face.width / 2;
  for (const auto& [x, y] :
       {std::pair{0.0F, 0.0F}, {half, 0.0F}, {-half, 0.0F}, {0.0F, half}, {0.0F, -half}}) {
    SCOPED_TRACE(::testing::Message() << x << ", " << y);
    expect_portrait(verify(portrait(), candidate_at(shifted(portrait_face, x, y))), portrait_face);
    expect_portrait(verify(portrait(), upright_at(shifted(portrait_face, x, y))), portrait_face);
  }
}

TEST(face_verifier_test, finds_the_size_from_a_candidate_of_another_size) {
  for (const float by : {0.6F, 1.6F}) {
    const float side = portrait_face.width * by;
    const point middle = portrait_face.centre();
    const rect box{middle.x - side / 2, middle.y - side / 2, side, side};
    expect_portrait(verify(portrait(), candidate_at(box)), portrait_face);
  }
}

TEST(face_verifier_test, finds_faces_in_any_direction_if_asked) {
  for (const int quarters : {1, 2, 3}) {
    SCOPED_TRACE(quarters);
    const image picture = testing::turned(portrait(), quarters);
    const rect box = testing::turned(portrait_face, portrait(), quarters);
    // The detectors give such faces the landmarks of an upright one.
    expect_portrait(verify(picture, upright_at(box), roll_search::any), box, quarters);
  }
}

TEST(face_verifier_test, a_face_that_is_upside_down_is_not_believed_to_be_upright) {
  const image picture = testing::turned(portrait(), 2);
  const rect box = testing::turned(portrait_face, portrait(), 2);
  EXPECT_LT(confidence(verify(picture, upright_at(box), roll_search::as_detected)), 0.5F);
}

TEST(face_verifier_test, an_upright_face_stays_upright_if_any_direction_is_allowed) {
  expect_portrait(verify(portrait(), upright_at(portrait_face), roll_search::any), portrait_face);
}

TEST(face_verifier_test, a_face_in_a_reduced_image_is_at_the_same_place) {
  image half = testing::resized(portrait(), 256, 256);
  half.reduction = 2;
  expect_portrait(verify(half, candidate_at(shifted(portrait_face, 20, 0))), portrait_face);
}

TEST(face_verifier_test, images_may_be_reduced_less_for_smaller_candidates) {
  EXPECT_EQ(face_verifier::max_reduction(candidate_at({0, 0, 20, 20})), 1);
  EXPECT_EQ(face_verifier::max_reduction(candidate_at({0, 0, 100, 170})), 2);
  EXPECT_GT(face_verifier::max_reduction(candidate_at({0, 0, 800, 800})), 8);
}

/// Letters: black strokes on white.
image letters() {
  image page = testing::plain(256, 256, 240);
  const image stroke = testing::plain(4, 18, 20);
  const image bar = testing::plain(14, 4, 20);
  for (int row = 0; row < 9; ++row) {
    for (int column = 0; column < 11; ++column) {
      const int x = 8 + 22 * column;
      const int y = 8 + 28 * row;
      testing::paste(stroke, x, y, page);
      if ((row + column) % 2 == 0) testing::paste(stroke, x + 10, y, page);
      testing::paste(bar, x, y + (row * 5 + column * 3) % 15, page);
    }
  }
  return page;
}

image stripes(int period) {
  image pattern = testing::plain(256, 256, 60);
  const image stripe = testing::plain(period / 2, 256, 200);
  for (int x = 0; x < 256; x += period) testing::paste(stripe, x, 0, pattern);
  return pattern;
}

TEST(face_verifier_test, backgrounds_stripes_and_letters_are_no_faces) {
  const image plain = testing::plain(256, 256);
  for (const image& picture : {plain, letters(), stripes(6), stripes(30), testing::turned(stripes(14), 1)}) {
    for (const rect& box : {rect{60, 60, 120, 120}, rect{100, 90, 40, 40}, rect{200, 10, 24, 24}}) {
      for (const detection& candidate : {candidate_at(box, 0.8F), upright_at(box)})
        EXPECT_LT(confidence(verify(picture, candidate, roll_search::any)), 0.5F);
    }
  }
}

TEST(face_verifier_test, other_parts_of_the_portrait_are_no_faces) {
  // The badge, the letters on it, the flag, the rocket, the helmet and the background.
  for (const rect& box : {rect{132, 345, 80, 80}, rect{155, 375, 32, 32}, rect{0, 20, 90, 90},
                          rect{380, 120, 80, 80}, rect{290, 350, 190, 160}, rect{320, 30, 50, 50}})
    EXPECT_LT(confidence(verify(portrait(), upright_at(box), roll_search::any)), 0.5F)
        << box.x << ' ' << box.y;
}

TEST(face_verifier_test, no_mesh_is_fitted_to_a_known_face) {
  const detection beside = candidate_at(shifted(portrait_face, 40, 0));
  const auto known = verify(portrait(), beside, roll_search::as_detected, {{0, 0, 50, 50}, portrait_face});
  ASSERT_TRUE(known);
  EXPECT_FALSE(known->mesh);
  EXPECT_TRUE(is_same_face(known->box, portrait_face));
  // The candidate overlaps a known face, but the face that it leads to does not.
  const rect neighbour = shifted(portrait_face, 70, 0);
  expect_portrait(verify(portrait(), beside, roll_search::as_detected, {neighbour}), portrait_face);
}

TEST(face_verifier_test, of_two_faces_the_nearer_one_is_found) {
  image two = testing::plain(300, 180);
  const image face = testing::cropped(portrait(), {.left = 150, .top = 20, .width = 150, .height = 180});
  testing::paste(face, 0, 0, two);
  testing::paste(face, 150, 0, two);
  const rect left = shifted(portrait_face, -150, -20);
  const rect right = shifted(left, 150, 0);
  expect_portrait(verify(two, candidate_at(shifted(left, 30, 0))), left);
  expect_portrait(verify(two, candidate_at(shifted(right, -30, 0))), right);
  const auto known = verify(two, candidate_at(shifted(left, 30, 0)), roll_search::as_detected, {left});
  ASSERT_TRUE(known);
  EXPECT_TRUE(is_same_face(known->box, left));
}

TEST(face_verifier_test, without_a_second_detector_the_confidence_is_the_candidates) {
  const face_verifier alone({}, landmarks_file());
  for (const float given : {0.3F, 0.8F}) {
    const auto found =
        verify(portrait(), candidate_at(shifted(portrait_face, 6, 0), given), roll_search::any, {}, alone);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->confidence, given);
    EXPECT_GT(iou(found->box, portrait_face), 0.8F);
    EXPECT_TRUE(found->mesh);

    const rect nothing{320, 30, 50, 50};
    const auto kept = verify(portrait(), candidate_at(nothing, given), roll_search::any, {}, alone);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->confidence, given);
    EXPECT_EQ(kept->box.x, nothing.x);
    EXPECT_FALSE(kept->mesh);
  }
}

TEST(face_verifier_test, both_detectors_agree_on_a_tiny_face) {
  // Of the whole portrait: its face has 15 or 18 pixels. The landmark network does not see that of 15.
  for (const int side : {76, 92}) {
    const float by = static_cast<float>(side) / 512;
    image far = testing::gradient(320, 240);
    testing::paste(testing::resized(portrait(), side, side), 100, 60, far);
    const rect face = shifted(scaled(portrait_face, by), 100, 60);
    const auto sure = verify(far, candidate_at(face, 0.7F));
    EXPECT_GE(confidence(sure), 0.5F) << side;
    EXPECT_GT(iou(sure->box, face), 0.6F) << side;
    EXPECT_LT(confidence(verify(far, candidate_at(shifted(face, 0, 70), 0.7F))), 0.5F) << "nothing is there";
  }
}

struct following : ::testing::Test {
  std::optional<found_face> follow(const image& in, const found_face& last) {
    return verifier().follow(in, last, scratch);
  }
  found_face face = *verify(portrait(), candidate_at(portrait_face));
  verifier_scratch scratch;
};

TEST_F(following, a_face_is_found_again_after_a_small_motion) {
  for (const auto& [x, y] : {std::pair{0, 0}, {6, 0}, {-10, 8}, {8, -8}}) {
    image moved = testing::plain(512, 512);
    testing::paste(portrait(), x, y, moved);
    const auto found = follow(moved, face);
    const rect box = shifted(face.box, static_cast<float>(x), static_cast<float>(y));
    expect_portrait(found, box);
    ASSERT_TRUE(found);
    EXPECT_GT(iou(found->box, box), 0.93F);
    EXPECT_EQ(found->look, face.look) << "the second detector does not look again";
  }
}

TEST_F(following, a_face_that_is_gone_is_not_found) {
  EXPECT_LT(confidence(follow(testing::plain(512, 512), face)), 0.35F);
  EXPECT_LT(confidence(follow(testing::gradient(512, 512), face)), 0.35F);
  image moved = testing::plain(512, 512);
  testing::paste(portrait(), 220, 0, moved);
  EXPECT_LT(confidence(follow(moved, face)), 0.35F);
}

TEST_F(following, a_face_that_turned_upside_down_is_not_believed) {
  const image picture = testing::turned(portrait(), 2);
  found_face last = face;
  const rect box = testing::turned(portrait_face, portrait(), 2);
  transform(*last.mesh, {.x0 = box.x - portrait_face.x, .y0 = box.y - portrait_face.y});
  const auto found = follow(picture, last);
  if (confidence(found) >= 0.5F) {
    EXPECT_LT((*found->landmarks)[right_eye].x, (*found->landmarks)[left_eye].x);
  }
}

TEST(face_verifier_errors, name_the_file) {
  using ::testing::HasSubstr;
  using ::testing::ThrowsMessage;
  const temporary_folder folder;
  const auto missing = folder.path() / "missing.onnx";
  const auto broken = folder.write("broken.onnx", "not a network");
  for (const auto& file : {missing, broken}) {
    EXPECT_THAT([&] { face_verifier({}, file); },
                ThrowsMessage<std::runtime_error>(HasSubstr(file.string())));
    EXPECT_THAT([&] { face_verifier(file, landmarks_file()); },
                ThrowsMessage<std::runtime_error>(HasSubstr(file.string())));
  }
  const auto detector = testing::blazeface("front");
  EXPECT_THAT([&] { face_verifier({}, detector); },
              ThrowsMessage<std::runtime_error>(HasSubstr(detector.string())))
      << "a network of another kind";
}

}  // namespace
}  // namespace emostream::vision

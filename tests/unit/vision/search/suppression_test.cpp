#include "vision/search/suppression.hpp"

#include <array>
#include <vector>

#include <gmock/gmock.h>

namespace emostream::vision {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr rect face{100, 100, 100, 100};

constexpr rect at(float x, float y, float side) {
  return {x, y, side, side};
}

found_face with_confidence(float confidence, const rect& box) {
  return {{.confidence = confidence, .box = box}};
}

std::vector<float> confidences(std::vector<found_face> faces) {
  suppress_duplicates(faces);
  std::vector<float> left;
  for (const found_face& f : faces) left.push_back(f.confidence);
  return left;
}

TEST(is_same_face_test, boxes_that_overlap_well_are_of_one_face) {
  EXPECT_TRUE(is_same_face(face, face));
  EXPECT_TRUE(is_same_face(face, at(140, 100, 100)));  // IoU 0.43
  EXPECT_FALSE(is_same_face(face, at(145, 100, 100)));
  EXPECT_FALSE(is_same_face(face, at(200, 100, 100)));
  EXPECT_FALSE(is_same_face(face, at(500, 100, 100)));
}

TEST(is_same_face_test, a_box_inside_another_is_of_the_same_face) {
  for (const auto& [x, same] : {std::pair{160.0F, true}, {170.0F, true}, {180.0F, false}}) {
    const rect small = at(x, 130, 40);
    EXPECT_EQ(is_same_face(face, small), same) << x;
    EXPECT_EQ(is_same_face(small, face), same) << x;
  }
}

TEST(is_same_face_test, empty_boxes_are_of_no_face) {
  EXPECT_FALSE(is_same_face(face, at(120, 120, 0)));
  EXPECT_FALSE(is_same_face({}, {}));
}

TEST(is_known_test, only_a_close_candidate_is_surely_a_known_face) {
  const std::array known{at(500, 500, 100), face};
  EXPECT_TRUE(is_known({.confidence = 0.5F, .box = at(110, 105, 100)}, known, 200));
  EXPECT_FALSE(is_known({.confidence = 0.5F, .box = at(140, 100, 100)}, known, 200))
      << "a neighbour, perhaps";
  EXPECT_TRUE(is_known({.confidence = 0.5F, .box = at(140, 100, 100)}, known, 50)) << "precise";
  EXPECT_FALSE(is_known({.confidence = 0.5F, .box = at(120, 120, 40)}, known, 200));
  EXPECT_FALSE(is_known({.confidence = 0.5F, .box = face}, {}, 200));
}

TEST(suppress_duplicates_test, the_most_confident_of_several_for_one_face_is_kept) {
  EXPECT_THAT(
      confidences({with_confidence(0.6F, at(110, 100, 100)), with_confidence(0.9F, face),
                   with_confidence(0.7F, at(130, 130, 40)), with_confidence(0.8F, at(300, 100, 100))}),
      ElementsAre(0.9F, 0.8F));
}

TEST(suppress_duplicates_test, a_duplicate_of_a_suppressed_face_is_kept_if_it_is_none_of_a_kept_one) {
  EXPECT_THAT(confidences({with_confidence(0.9F, face), with_confidence(0.8F, at(135, 100, 100)),
                           with_confidence(0.7F, at(170, 100, 100))}),
              ElementsAre(0.9F, 0.7F));
}

TEST(suppress_duplicates_test, neighbours_in_a_row_are_kept) {
  std::vector<found_face> row;
  for (int i = 0; i < 5; ++i)
    row.push_back(
        with_confidence(0.5F + 0.1F * static_cast<float>(i), at(60.0F * static_cast<float>(i), 0, 100)));
  EXPECT_THAT(confidences(row), ::testing::SizeIs(5));
  EXPECT_THAT(confidences({}), IsEmpty());
}

}  // namespace
}  // namespace emostream::vision

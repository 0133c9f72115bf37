#include "vision/image/alignment.hpp"

#include <cmath>
#include <utility>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr eye_layout eyes{{0.25F, 0.375F}, {0.75F, 0.375F}};
constexpr int size = 48;

TEST(alignment_test, eyes_are_placed_as_in_the_layout) {
  for (const auto& [l, r] :
       {std::pair<point, point>{{100, 100}, {140, 100}}, {{100, 100}, {120, 160}}, {{90, 50}, {20, 10}}}) {
    const similarity_transform s = align_eyes(eyes, size, l, r);
    const point left = s({12, 18});
    const point right = s({36, 18});
    EXPECT_NEAR(left.x, l.x, 1e-3);
    EXPECT_NEAR(left.y, l.y, 1e-3);
    EXPECT_NEAR(right.x, r.x, 1e-3);
    EXPECT_NEAR(right.y, r.y, 1e-3);
    EXPECT_NEAR(s.scale(), std::hypot(r.x - l.x, r.y - l.y) / 24, 1e-3);
  }
}

TEST(alignment_test, a_tilted_head_is_rotated_upright) {
  const similarity_transform s = align_eyes(eyes, size, {100, 100}, {100, 140});  // tilted by 90° clockwise
  const point chin = s({24, 45});
  EXPECT_LT(chin.x, 100);
  EXPECT_NEAR(chin.y, 120, 1e-3);
}

TEST(alignment_test, eyes_of_a_profile_do_not_enlarge_the_face) {
  const similarity_transform s = align_eyes(eyes, size, {110, 100}, {130, 100}, 48);
  EXPECT_NEAR(s.scale(), 2, 1e-3);
  EXPECT_NEAR(s({24, 18}).x, 120, 1e-3);
  EXPECT_NEAR(s({24, 18}).y, 100, 1e-3);
  EXPECT_NEAR(align_eyes(eyes, size, {100, 100}, {100, 100}, 24).scale(), 1, 1e-3);
}

TEST(alignment_test, a_box_is_extended_to_a_square_with_a_margin) {
  const similarity_transform s =
      align_box({100, 50, 40, 80}, 0.25F, 60);  // a side of 80, plus a quarter of it on each side
  EXPECT_FLOAT_EQ(s.scale(), 2);
  EXPECT_FLOAT_EQ(s({30, 30}).x, 120);
  EXPECT_FLOAT_EQ(s({30, 30}).y, 90);
  EXPECT_FLOAT_EQ(s({0, 0}).x, 60);
  EXPECT_FLOAT_EQ(s({60, 60}).y, 150);
}

TEST(similarity_transform_test, inverse_restores_the_point) {
  const similarity_transform s{2.6F * std::cos(0.3F), 2.6F * std::sin(0.3F), 70, 10};
  const point p = s.apply_inverse(s({12, 34}));
  EXPECT_NEAR(p.x, 12, 1e-3);
  EXPECT_NEAR(p.y, 34, 1e-3);
}

}  // namespace
}  // namespace emostream::vision

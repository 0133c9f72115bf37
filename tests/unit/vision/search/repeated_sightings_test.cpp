#include "vision/search/repeated_sightings.hpp"

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr time_point at(int seconds) {
  return time_point{std::chrono::hours{1}} + std::chrono::seconds{seconds};
}

found_face face(float confidence, float x = 100, float side = 18) {
  return {{.confidence = confidence, .box = {x, 100, side, side}}};
}

TEST(repeated_sightings_test, three_sightings_have_more_confidence_together_than_in_the_mean) {
  repeated_sightings sightings;
  EXPECT_FALSE(sightings.add(face(0.35F), at(0)));
  EXPECT_FALSE(sightings.add(face(0.55F, 103), at(1)));
  const auto together = sightings.add(face(0.45F, 106), at(2));
  ASSERT_TRUE(together);
  EXPECT_GT(*together, 0.5F);
  EXPECT_LT(*together, 0.6F);
}

TEST(repeated_sightings_test, a_phantom_does_not_become_more_probable_by_being_seen_often) {
  repeated_sightings sightings;
  for (int i = 0; i < 100; ++i) {
    const auto together = sightings.add(face(i % 5 == 0 ? 0.48F : 0.3F), at(i));
    EXPECT_LT(together.value_or(0), 0.5F) << i;
  }
}

TEST(repeated_sightings_test, later_sightings_count_at_once) {
  repeated_sightings sightings;
  for (int i = 0; i < 3; ++i) sightings.add(face(0.3F), at(i));
  EXPECT_LT(sightings.add(face(0.45F), at(3)), 0.5F);
  for (int i = 4; i < 8; ++i) sightings.add(face(0.45F), at(i));
  EXPECT_GT(sightings.add(face(0.45F), at(8)), 0.5F);
}

TEST(repeated_sightings_test, faces_at_other_places_or_long_ago_do_not_count) {
  repeated_sightings sightings;
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(sightings.add(face(0.45F), at(i)));
  EXPECT_FALSE(sightings.add(face(0.45F, 130), at(2)));
  EXPECT_FALSE(sightings.add(face(0.45F), at(60)));
}

TEST(repeated_sightings_test, a_face_counts_once_in_a_frame) {
  repeated_sightings sightings;
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(sightings.add(face(0.45F), at(i / 5)));
}

TEST(repeated_sightings_test, only_small_faces_that_were_seen_somewhat_need_more_sightings) {
  EXPECT_TRUE(repeated_sightings::may_help(face(0.4F)));
  EXPECT_FALSE(repeated_sightings::may_help(face(0.2F)));
  EXPECT_FALSE(repeated_sightings::may_help(face(0.4F, 100, 60)));
}

}  // namespace
}  // namespace emostream::vision

#include "vision/search/rejected_places.hpp"

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

constexpr milliseconds second{1000};

constexpr time_point at(int seconds) {
  return time_point{std::chrono::hours{1}} + seconds * second;
}

detection candidate(float confidence, float x = 100, float side = 40) {
  return {.confidence = confidence, .box = {x, 100, side, side}};
}

TEST(rejected_places_test, a_place_is_left_alone_for_the_interval) {
  rejected_places places;
  EXPECT_FALSE(places.contains(candidate(0.5F), at(0)));
  places.add(candidate(0.5F), second, at(0));
  EXPECT_TRUE(places.contains(candidate(0.5F, 104), at(0)));
  EXPECT_FALSE(places.contains(candidate(0.5F), at(1)));
}

TEST(rejected_places_test, other_places_and_more_confident_candidates_are_looked_at) {
  rejected_places places;
  places.add(candidate(0.5F), second, at(0));
  EXPECT_FALSE(places.contains(candidate(0.5F, 120), at(0))) << "it overlaps by half";
  EXPECT_FALSE(places.contains(candidate(0.5F, 100, 20), at(0))) << "it is within";
  EXPECT_TRUE(places.contains(candidate(0.58F), at(0)));
  EXPECT_FALSE(places.contains(candidate(0.62F), at(0)));
}

TEST(rejected_places_test, the_interval_doubles_with_each_look_up_to_a_maximum) {
  rejected_places places;
  int now = 0;
  for (const int interval : {1, 2, 4, 8, 12, 12}) {
    places.add(candidate(0.5F), second, at(now));
    EXPECT_TRUE(places.contains(candidate(0.5F), at(now + interval - 1))) << interval;
    EXPECT_FALSE(places.contains(candidate(0.5F), at(now + interval))) << interval;
    now += interval;
  }
}

TEST(rejected_places_test, a_place_where_nothing_was_reported_for_long_is_forgotten) {
  rejected_places places;
  places.add(candidate(0.5F), second, at(0));
  places.add(candidate(0.5F, 300), second, at(2));
  places.add(candidate(0.5F), second, at(2));
  EXPECT_FALSE(places.contains(candidate(0.5F), at(3)));
}

}  // namespace
}  // namespace emostream::vision

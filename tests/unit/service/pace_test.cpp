#include "service/pace.hpp"

#include <gtest/gtest.h>

namespace emostream::service {
namespace {

class pace_test : public testing::Test {
 protected:
  /// So many frames, one each 100 ms.
  void frames(int n, double queue_ms) {
    for (int i = 0; i < n; ++i, now += milliseconds(100)) advice.waited(queue_ms, now);
  }
  time_point now{std::chrono::hours(1)};
  pace advice{10};
};

TEST_F(pace_test, starts_at_the_most_and_stays_there_while_all_is_well) {
  EXPECT_EQ(advice.target_fps(), 10);
  frames(100, 1);
  EXPECT_EQ(advice.target_fps(), 10);
}

TEST_F(pace_test, halves_when_frames_wait_too_long) {
  frames(4, 150);
  EXPECT_EQ(advice.target_fps(), 10) << "too few to tell";
  frames(1, 150);
  EXPECT_EQ(advice.target_fps(), 5);
  frames(5, 150);
  EXPECT_EQ(advice.target_fps(), 2);
}

TEST_F(pace_test, never_goes_under_one) {
  frames(100, 1000);
  EXPECT_EQ(advice.target_fps(), 1);
}

TEST_F(pace_test, climbs_by_one_every_two_seconds) {
  frames(5, 150);
  frames(20, 5);
  EXPECT_EQ(advice.target_fps(), 5);
  frames(1, 5);
  EXPECT_EQ(advice.target_fps(), 6);
  frames(19, 5);
  EXPECT_EQ(advice.target_fps(), 6);
  frames(1, 5);
  EXPECT_EQ(advice.target_fps(), 7);
  frames(200, 5);
  EXPECT_EQ(advice.target_fps(), 10);
}

TEST_F(pace_test, keeps_still_between_the_two_thresholds) {
  frames(5, 150);
  frames(200, 60);
  EXPECT_EQ(advice.target_fps(), 5);
}

TEST_F(pace_test, one_slow_frame_of_twenty_is_no_reason) {
  for (int i = 0; i < 20; ++i) {
    frames(19, 5);
    frames(1, 240);
  }
  EXPECT_EQ(advice.target_fps(), 10);
  frames(18, 5);
  frames(2, 240);
  EXPECT_EQ(advice.target_fps(), 5);
}

}  // namespace
}  // namespace emostream::service

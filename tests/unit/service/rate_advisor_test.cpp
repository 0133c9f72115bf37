#include "service/rate_advisor.hpp"

#include <gtest/gtest.h>

namespace emostream::service {
namespace {

class rate_advisor_test : public testing::Test {
 protected:
  /// Records the waits of `n` frames, one every 100 ms.
  void record_waits(int n, double queue_ms) {
    for (int i = 0; i < n; ++i, now += milliseconds(100)) advisor.record_wait(queue_ms, now);
  }
  time_point now{std::chrono::hours(1)};
  rate_advisor advisor{10};
};

TEST_F(rate_advisor_test, starts_at_the_maximum_and_stays_there_while_waits_are_short) {
  EXPECT_EQ(advisor.target_fps(), 10);
  record_waits(100, 1);
  EXPECT_EQ(advisor.target_fps(), 10);
}

TEST_F(rate_advisor_test, halves_when_frames_wait_too_long) {
  record_waits(4, 150);
  EXPECT_EQ(advisor.target_fps(), 10) << "too few waits for a decision";
  record_waits(1, 150);
  EXPECT_EQ(advisor.target_fps(), 5);
  record_waits(5, 150);
  EXPECT_EQ(advisor.target_fps(), 2);
}

TEST_F(rate_advisor_test, never_goes_below_one) {
  record_waits(100, 1000);
  EXPECT_EQ(advisor.target_fps(), 1);
}

TEST_F(rate_advisor_test, increases_by_one_every_two_seconds) {
  record_waits(5, 150);
  record_waits(20, 5);
  EXPECT_EQ(advisor.target_fps(), 5);
  record_waits(1, 5);
  EXPECT_EQ(advisor.target_fps(), 6);
  record_waits(19, 5);
  EXPECT_EQ(advisor.target_fps(), 6);
  record_waits(1, 5);
  EXPECT_EQ(advisor.target_fps(), 7);
  record_waits(200, 5);
  EXPECT_EQ(advisor.target_fps(), 10);
}

TEST_F(rate_advisor_test, does_not_change_between_the_thresholds) {
  record_waits(5, 150);
  record_waits(200, 60);
  EXPECT_EQ(advisor.target_fps(), 5);
}

TEST_F(rate_advisor_test, one_slow_frame_in_twenty_does_not_lower_the_rate) {
  for (int i = 0; i < 20; ++i) {
    record_waits(19, 5);
    record_waits(1, 240);
  }
  EXPECT_EQ(advisor.target_fps(), 10);
  record_waits(18, 5);
  record_waits(2, 240);
  EXPECT_EQ(advisor.target_fps(), 5);
}

}  // namespace
}  // namespace emostream::service

#include "vision/landmarks/blink_counter.hpp"

#include <cmath>
#include <initializer_list>
#include <utility>

#include <gtest/gtest.h>

namespace emostream::vision {
namespace {

/// Feeds a counter frames at intervals.
class stream_of_eyes {
 public:
  explicit stream_of_eyes(int interval_ms) : interval_(interval_ms) {}

  /// Equal eyes for a while.
  eye_states show(float openness, int ms) { return show(openness, openness, ms); }
  eye_states show(float left, float right, int ms, point gaze = {}) {
    eye_states last;
    for (const time_point end = now_ + milliseconds(ms); now_ < end; now_ += interval_)
      last = counter_.update({{left, gaze}, {right, gaze}}, now_);
    return last;
  }
  void wait(int ms) { now_ += milliseconds(ms); }
  [[nodiscard]] unsigned blinks() const { return counter_.blinks(); }

 private:
  blink_counter counter_;
  milliseconds interval_;
  time_point now_;
};

TEST(blink_counter_test, counts_blinks_at_10_to_30_frames_per_second) {
  for (const int interval : {33, 50, 66, 100}) {
    stream_of_eyes eyes(interval);
    eyes.show(1, 3000);
    for (unsigned i = 1; i <= 5; ++i) {
      eyes.show(0.05F, 150);
      EXPECT_EQ(eyes.blinks(), i - 1) << "counted when the eyes open again";
      eyes.show(1, 2000);
      EXPECT_EQ(eyes.blinks(), i) << interval;
    }
  }
}

TEST(blink_counter_test, counts_a_blink_with_gradual_lids_between_irregular_frames) {
  blink_counter counter;
  // Measured at 30 frames per second; some frames are missing.
  const std::initializer_list<std::pair<int, float>> frames = {
      {0, 1.2F}, {33, 1.2F}, {133, 1.1F}, {200, 1.0F}, {233, 0.7F}, {333, 0.3F}, {400, 0.85F}, {433, 1.0F}};
  for (const auto& [ms, openness] : frames)
    counter.update({{openness, {}}, {openness, {}}}, time_point(milliseconds(ms)));
  EXPECT_EQ(counter.blinks(), 1);
}

TEST(blink_counter_test, closed_eyes_are_no_blink) {
  stream_of_eyes eyes(50);
  eyes.show(1, 2000);
  eyes.show(0, 700);
  eyes.show(1, 2000);
  EXPECT_EQ(eyes.blinks(), 0);
}

TEST(blink_counter_test, one_wrong_frame_of_a_fast_camera_is_no_blink) {
  stream_of_eyes eyes(33);
  eyes.show(1, 2000);
  eyes.show(0, 33);
  eyes.show(1, 2000);
  EXPECT_EQ(eyes.blinks(), 0);
}

TEST(blink_counter_test, a_blink_of_which_one_frame_is_seen_may_look_like_half_a_wink) {
  stream_of_eyes eyes(100);  // the values were measured at 10 frames per second
  eyes.show(1, 2000);
  eyes.show(0.67F, 0.67F, 100);
  eyes.show(0.11F, 0.51F, 100);
  eyes.show(0.85F, 0.9F, 1000);
  EXPECT_EQ(eyes.blinks(), 1);
}

TEST(blink_counter_test, a_wink_is_no_blink) {
  stream_of_eyes eyes(50);
  eyes.show(1, 2000);
  eyes.show(0, 0.6F, 200);
  eyes.show(1, 1, 2000);
  EXPECT_EQ(eyes.blinks(), 0);
}

TEST(blink_counter_test, lids_that_are_lowered_by_half_are_no_blink) {
  stream_of_eyes eyes(50);
  eyes.show(1, 2000);
  eyes.show(0.45F, 300);
  eyes.show(1, 2000);
  EXPECT_EQ(eyes.blinks(), 0);
}

TEST(blink_counter_test, a_face_that_is_lost_with_closed_eyes_has_not_blinked) {
  stream_of_eyes eyes(50);
  eyes.show(1, 2000);
  eyes.show(0, 100);
  eyes.wait(350);
  eyes.show(1, 2000);
  eyes.wait(1000);
  eyes.show(0, 100);
  eyes.show(1, 2000);
  EXPECT_EQ(eyes.blinks(), 0) << "when the eyes closed is not known";
}

TEST(blink_counter_test, narrow_eyes_count_as_open) {
  stream_of_eyes eyes(66);
  const auto first = eyes.show(0.4F, 66);
  EXPECT_NEAR(first.left.openness, 0.4F, 0.01F) << "nothing is known about the face";
  EXPECT_GT(eyes.show(0.4F, 10'000).right.openness, 0.85F);
  eyes.show(0, 150);
  eyes.show(0.4F, 1000);
  EXPECT_EQ(eyes.blinks(), 1);
}

TEST(blink_counter_test, wide_eyes_half_closed_are_half_open) {
  stream_of_eyes eyes(66);
  EXPECT_EQ(eyes.show(1.6F, 5000).left.openness, 1);
  EXPECT_NEAR(eyes.show(0.8F, 400).left.openness, 0.5F, 0.05F);
}

TEST(blink_counter_test, blinking_does_not_change_the_open_level) {
  stream_of_eyes eyes(66);
  for (int i = 0; i < 20; ++i) {
    eyes.show(1, 2500);
    eyes.show(0, 200);
  }
  EXPECT_NEAR(eyes.show(0.9F, 400).left.openness, 0.9F, 0.05F);
}

TEST(blink_counter_test, eyes_that_stay_closed_do_not_count_as_open) {
  stream_of_eyes eyes(100);
  eyes.show(1, 2000);
  EXPECT_LT(eyes.show(0.05F, 120'000).left.openness, 0.2F);
}

TEST(blink_counter_test, openness_and_gaze_are_smoothed) {
  stream_of_eyes eyes(33);
  eyes.show(1, 1, 10'000, {.x = 0.2F, .y = 0});
  const auto next = eyes.show(0.5F, 0.5F, 33, {.x = 0.6F, .y = 0});
  EXPECT_GT(next.left.openness, 0.6F);
  EXPECT_LT(next.left.openness, 0.9F);
  EXPECT_GT(next.left.gaze.x, 0.25F);
  EXPECT_LT(next.left.gaze.x, 0.5F);
  const auto later = eyes.show(0.5F, 0.5F, 500, {.x = 0.6F, .y = 0});
  EXPECT_NEAR(later.left.openness, 0.5F, 0.03F);
  EXPECT_NEAR(later.right.gaze.x, 0.6F, 0.03F);
}

TEST(blink_counter_test, the_gaze_of_a_closed_eye_is_the_last_one_before) {
  stream_of_eyes eyes(33);
  eyes.show(1, 1, 1000, {.x = 0.2F, .y = -0.1F});
  const auto closed = eyes.show(0, 1, 500, {.x = 0.9F, .y = 0.9F});
  EXPECT_NEAR(closed.left.gaze.x, 0.2F, 0.01F);
  EXPECT_NEAR(closed.left.gaze.y, -0.1F, 0.01F);
  EXPECT_GT(closed.right.gaze.x, 0.8F);
}

}  // namespace
}  // namespace emostream::vision

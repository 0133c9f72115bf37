#include "metrics/saturation.hpp"

#include <gtest/gtest.h>

namespace emostream::metrics {
namespace {

time_point at(int ms) {
  return time_point(std::chrono::hours(1)) + milliseconds(ms);
}

TEST(alarm, rises_and_falls_after_its_delays) {
  alarm a({.high = 0.9, .low = 0.7});
  a.observe(0.9, at(0));
  a.observe(1.0, at(2'999));
  EXPECT_FALSE(a.on());
  a.observe(0.95, at(3'000));
  EXPECT_TRUE(a.on());
  a.observe(0.69, at(4'000));
  a.observe(0.1, at(13'999));
  EXPECT_TRUE(a.on());
  a.observe(0.1, at(14'000));
  EXPECT_FALSE(a.on());
}

TEST(alarm, does_not_rise_at_short_peaks) {
  alarm a({.high = 0.9, .low = 0.7});
  for (int s = 0; s < 60; ++s) {
    a.observe(s % 3 == 2 ? 0.8 : 1.0, at(1000 * s));
    EXPECT_FALSE(a.on()) << s;
  }
}

TEST(alarm, does_not_fall_at_short_dips) {
  alarm a({.high = 0.9, .low = 0.7});
  for (int s = 0; s < 4; ++s) a.observe(1, at(1000 * s));
  for (int s = 4; s < 60; ++s) {
    a.observe(s % 5 == 0 ? 0.75 : 0.5, at(1000 * s));
    EXPECT_TRUE(a.on()) << s;
  }
}

/// Simulates a server with two workers, second by second.
class saturation_test : public ::testing::Test {
 protected:
  /// Runs for `seconds` with this many lost and processed frames per second and this utilization of the
  /// workers.
  void run(int seconds, std::uint64_t lost, std::uint64_t processed, double busy) {
    for (int i = 0; i < seconds; ++i) {
      now.frames += lost + processed;
      now.lost += lost;
      now.busy_seconds += busy * now.workers;
      s.observe(now, at(1000 * ++second));
    }
  }

  saturation s;
  load now{.workers = 2};
  int second = 0;
};

TEST_F(saturation_test, is_saturated_by_frames_lost_while_the_workers_are_busy) {
  run(10, 0, 100, 0.9);
  EXPECT_FALSE(s.first_saturated());
  run(3, 50, 100, 0.95);
  EXPECT_FALSE(s.first_saturated());
  run(1, 50, 100, 0.95);
  EXPECT_EQ(s.first_saturated(), resource::frames);
  run(10, 0, 100, 0.9);
  EXPECT_EQ(s.first_saturated(), resource::frames);
  run(1, 0, 100, 0.9);
  EXPECT_FALSE(s.first_saturated());
}

TEST_F(saturation_test, bursts_of_a_client_are_not_saturation) {
  run(20, 2, 2, 0.05);
  run(20, 20, 20, 0.5);
  EXPECT_FALSE(s.first_saturated());
}

TEST_F(saturation_test, a_busy_server_that_loses_few_frames_is_not_saturated) {
  run(60, 20, 80, 1.0);
  EXPECT_FALSE(s.first_saturated());
}

TEST_F(saturation_test, a_few_frames_are_not_significant) {
  run(20, 3, 1, 1.0);
  EXPECT_FALSE(s.first_saturated());
}

TEST_F(saturation_test, is_saturated_by_memory_and_by_connections) {
  now.memory = 0.9;
  run(4, 0, 0, 0);
  EXPECT_EQ(s.first_saturated(), resource::memory);
  now.memory = 0.5;
  now.connections = 0.95;
  run(11, 0, 0, 0);
  EXPECT_EQ(s.first_saturated(), resource::connections);
  EXPECT_FALSE(s.is_saturated(resource::memory));
  now.connections = 0.84;
  run(11, 0, 0, 0);
  EXPECT_FALSE(s.first_saturated());
}

TEST_F(saturation_test, is_saturated_by_frames_rejected_for_lack_of_memory) {
  now.memory = 0.6;  // below the threshold, but each rejected frame needs more than is left of the budget
  for (int i = 0; i < 4; ++i) {
    ++now.rejected;
    run(1, 0, 10, 0.1);
  }
  EXPECT_EQ(s.first_saturated(), resource::memory);
  run(11, 0, 10, 0.1);
  EXPECT_FALSE(s.first_saturated());
}

}  // namespace
}  // namespace emostream::metrics

#include "socketio/timer_queue.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace emostream::socketio {
namespace {

time_point at(int ms) {
  return time_point(milliseconds(ms));
}

TEST(timer_queue, runs_due_tasks_in_order) {
  timer_queue q;
  std::string ran;
  const auto b = q.add(at(20), [&] { ran += 'b'; });
  const auto a = q.add(at(10), [&] { ran += 'a'; });
  const auto c = q.add(at(20), [&] { ran += 'c'; });
  EXPECT_EQ(q.next(), at(10));
  q.run(at(9));
  EXPECT_EQ(ran, "");
  q.run(at(20));
  EXPECT_EQ(ran, "abc");
  EXPECT_EQ(q.next(), std::nullopt);
}

TEST(timer_queue, does_not_run_cancelled_tasks) {
  timer_queue q;
  int ran = 0;
  auto cancelled = q.add(at(1), [&] { ++ran; });
  EXPECT_TRUE(cancelled);
  cancelled.cancel();
  EXPECT_FALSE(cancelled);
  {
    const auto dropped = q.add(at(1), [&] { ++ran; });
  }
  auto replaced = q.add(at(1), [&] { ++ran; });
  replaced = q.add(at(5), [&] { ran += 10; });
  EXPECT_EQ(q.next(), at(5));
  q.run(at(9));
  EXPECT_EQ(ran, 10);
  replaced.cancel();
}

TEST(timer_queue, tasks_can_add_and_cancel_tasks) {
  timer_queue q;
  std::string ran;
  timer_queue::guard second;
  timer_queue::guard third;
  timer_queue::guard first;
  first = q.add(at(1), [&] {
    ran += '1';
    second.cancel();
    third = q.add(at(2), [&] { ran += '3'; });
    first.cancel();
  });
  second = q.add(at(2), [&] { ran += '2'; });
  q.run(at(2));
  EXPECT_EQ(ran, "13");
}

TEST(timer_queue, notifies_about_earlier_deadlines_only) {
  std::vector<time_point> notified;
  timer_queue q([&](time_point when) { notified.push_back(when); });
  const auto a = q.add(at(5), [] {});
  const auto b = q.add(at(7), [] {});
  const auto c = q.add(at(5), [] {});
  const auto d = q.add(at(3), [] {});
  EXPECT_THAT(notified, testing::ElementsAre(at(5), at(3)));
}

}  // namespace
}  // namespace emostream::socketio

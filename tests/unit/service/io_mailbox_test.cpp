#include "service/io_mailbox.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

namespace emostream::service {
namespace {

using testing::ElementsAre;

class io_mailbox_test : public testing::Test {
 protected:
  io_mailbox<std::string> open() {
    return {queue,
            std::make_shared<pipeline::worker_share>(),
            [](auto, const auto&, time_point, vision::analysis&) { return std::error_code{}; },
            [this](auto task) {
              const std::lock_guard lock(mutex);
              tasks.push_back(std::move(task));
            },
            in_flight,
            [this](std::string context, const pipeline::outcome& outcome) {
              if (context == "throw") throw std::runtime_error("bug");
              handled.push_back(context + (outcome.dropped ? ": dropped" : ": analyzed"));
            }};
  }
  static pipeline::frame image() {
    return {.image = {.owner = nullptr, .content = "image"}, .options = {}, .received = steady_clock::now()};
  }
  /// Closes the queue, then runs the posted tasks.
  void finish() {
    queue.close();
    for (auto& task : tasks) task();
    tasks.clear();
  }

  std::mutex mutex;
  std::deque<std::move_only_function<void()>> tasks;
  std::vector<std::string> handled;
  std::shared_ptr<in_flight_counter> in_flight = std::make_shared<in_flight_counter>();
  pipeline::frame_queue queue{{.workers = 1, .deadline = std::chrono::hours(1)}};
};

TEST_F(io_mailbox_test, handles_each_outcome_with_its_context_when_the_posted_task_runs) {
  auto first = open();
  auto second = open();
  first.submit(image(), "a");
  second.submit(image(), "b");
  queue.close();
  EXPECT_TRUE(handled.empty());
  finish();
  EXPECT_THAT(handled, ElementsAre("a: analyzed", "b: analyzed"));
}

TEST_F(io_mailbox_test, counts_frames_until_their_outcomes_are_handled) {
  auto mailbox = open();
  bool idle = false;
  mailbox.submit(image(), "a");
  in_flight->when_idle([&idle] { idle = true; });
  EXPECT_EQ(in_flight->count(), 1U);
  EXPECT_FALSE(idle);
  finish();
  EXPECT_EQ(in_flight->count(), 0U);
  EXPECT_TRUE(idle);
}

TEST_F(io_mailbox_test, handles_outcomes_after_the_mailbox_is_destroyed) {
  queue.close();
  {
    auto mailbox = open();
    mailbox.submit(image(), "late");
  }
  finish();
  EXPECT_THAT(handled, ElementsAre("late: dropped"));
}

TEST_F(io_mailbox_test, a_frame_whose_handler_throws_is_no_longer_counted) {
  auto mailbox = open();
  mailbox.submit(image(), "throw");
  finish();
  EXPECT_EQ(in_flight->count(), 0U);
}

TEST(in_flight_counter_test, when_idle_calls_immediately_if_nothing_is_in_flight) {
  in_flight_counter counter;
  bool idle = false;
  counter.when_idle([&idle] { idle = true; });
  EXPECT_TRUE(idle);
}

}  // namespace
}  // namespace emostream::service

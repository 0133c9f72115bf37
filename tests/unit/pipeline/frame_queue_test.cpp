#include "pipeline/frame_queue.hpp"

#include <future>
#include <latch>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/frame_queue_fixture.hpp"

namespace emostream::pipeline {
namespace {

using testing::ElementsAre;

TEST_F(frame_queue_test, analyzes_a_frame_with_its_options) {
  const auto queue = make(2);
  std::promise<outcome> done;
  auto mailbox = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
  mailbox.submit(make_frame("image"));
  const outcome o = done.get_future().get();
  EXPECT_FALSE(o.dropped);
  EXPECT_FALSE(o.error);
  ASSERT_TRUE(o.analysis);
  EXPECT_EQ(o.analysis->width, 5);
  EXPECT_EQ(o.analysis->height, 7);
  EXPECT_EQ(o.queue_ms, 0);
}

TEST_F(frame_queue_test, decodes_base64) {
  const auto queue = make(1);
  auto mailbox = open(*queue);
  mailbox.submit(make_frame("data:image/png;base64,aGVsbG8=", true));
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hello"));
}

TEST_F(frame_queue_test, reports_errors_and_exceptions_and_keeps_running) {
  const auto queue = make(1);
  for (const std::string text : {"fail", "throw", "throw 42"}) {
    std::promise<outcome> done;
    auto mailbox = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
    mailbox.submit(make_frame(text));
    const outcome o = done.get_future().get();
    EXPECT_FALSE(o.dropped);
    ASSERT_FALSE(o.analysis);
    EXPECT_EQ(o.error, text == "fail" ? frame_error::bad_base64 : frame_error::internal);
  }
  std::promise<outcome> done;
  auto mailbox = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
  mailbox.submit(make_frame("%%%", true));
  EXPECT_EQ(done.get_future().get().error, frame_error::bad_base64);
  queue->close();
  EXPECT_EQ(queue->stats().failed, 4U);
}

TEST_F(frame_queue_test, a_listener_that_throws_does_not_stop_the_worker) {
  const auto queue = make(1);
  std::counting_semaphore<> called{0};
  auto mailbox = open(*queue, [&](outcome) {
    called.release();
    throw std::runtime_error("bug");
  });
  submit(mailbox, "a");
  called.acquire();
  submit(mailbox, "b");
  called.acquire();
}

TEST_F(frame_queue_test, a_newer_frame_replaces_the_waiting_one) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto mailbox = open(*queue);
  hold_the_worker(blocker);
  submit(mailbox, "a");
  submit(mailbox, "b");
  submit(mailbox, "c");
  EXPECT_THAT(outcomes.lines(), ElementsAre("a: replaced", "b: replaced"));
  EXPECT_EQ(queue->stats().waiting, 1U);
  gate.release();
  queue->close();
  EXPECT_THAT(outcomes.lines(), ElementsAre("a: replaced", "b: replaced", "hold: ok", "c: ok"));
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "c"));
}

TEST_F(frame_queue_test, processes_one_frame_of_a_mailbox_at_a_time) {
  const auto queue = make(4);
  auto mailbox = open(*queue);
  hold_the_worker(mailbox);
  submit(mailbox, "next");
  std::promise<void> served;
  auto other = open(*queue, [&](outcome) { served.set_value(); });
  submit(other, "other");
  served.get_future().get();
  EXPECT_THAT(computed.lines(), ElementsAre("other")) << "`next` waits although three workers are idle";
  gate.release();
  queue->close();
  EXPECT_THAT(outcomes.lines(), ElementsAre("hold: ok", "next: ok"));
}

TEST_F(frame_queue_test, drops_stale_frames_without_analyzing_them) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto late = open(*queue);
  auto in_time = open(*queue);
  hold_the_worker(blocker);
  submit(late, "late");
  now_ms += 1;
  submit(in_time, "in time");
  now_ms += 250;
  gate.release();
  queue->close();
  EXPECT_THAT(outcomes.lines(), ElementsAre("hold: ok", "late: stale", "in time: ok"));
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "in time"));
}

TEST_F(frame_queue_test, cancel_drops_the_waiting_frame_only) {
  const auto queue = make(1);
  auto mailbox = open(*queue);
  hold_the_worker(mailbox);
  submit(mailbox, "next");
  mailbox.cancel();
  mailbox.cancel();
  EXPECT_THAT(outcomes.lines(), ElementsAre("next: cancelled"));
  submit(mailbox, "after");
  gate.release();
  queue->close();
  EXPECT_THAT(outcomes.lines(), ElementsAre("next: cancelled", "hold: ok", "after: ok"));
}

TEST_F(frame_queue_test, destroying_a_mailbox_cancels_its_frame) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  hold_the_worker(blocker);
  {
    auto mailbox = open(*queue);
    submit(mailbox, "orphan");
    auto moved = std::move(mailbox);
    EXPECT_TRUE(outcomes.lines().empty());
  }
  EXPECT_THAT(outcomes.lines(), ElementsAre("orphan: cancelled"));
  gate.release();
}

TEST_F(frame_queue_test, close_processes_waiting_frames_and_drops_later_ones) {
  auto queue = make(2);
  std::vector<frame_queue::mailbox> mailboxes;
  for (int i = 0; i < 8; ++i) mailboxes.push_back(open(*queue));
  for (auto& mailbox : mailboxes) submit(mailbox, "a");
  queue->close();
  EXPECT_EQ(outcomes.lines(), std::vector<std::string>(8, "a: ok"));
  queue->close();
  submit(mailboxes.front(), "b");
  EXPECT_EQ(outcomes.lines().back(), "b: shutting_down");
  queue.reset();
  submit(mailboxes.front(), "c");
  EXPECT_EQ(outcomes.lines().back(), "c: shutting_down");
}

TEST_F(frame_queue_test, counts_outcomes) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto mailbox = open(*queue);
  auto other = open(*queue);
  hold_the_worker(blocker);
  submit(mailbox, "a");
  submit(mailbox, "fail");
  submit(other, "b");
  other.cancel();
  now_ms += 40;
  EXPECT_EQ(queue->stats().working, 1U);
  EXPECT_EQ(queue->stats().waiting, 1U);
  gate.release();
  queue->close();
  submit(mailbox, "c");

  const queue_stats stats = queue->stats();
  EXPECT_EQ(stats.submitted, 5U);
  EXPECT_EQ(stats.analyzed, 1U);
  EXPECT_EQ(stats.failed, 1U);
  EXPECT_THAT(stats.dropped, ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(stats.busy_ms_sum, 40) << "the time for which the worker was held";
  EXPECT_EQ(stats.waiting, 0U);
  EXPECT_EQ(stats.working, 0U);
}

TEST_F(frame_queue_test, has_the_configured_number_of_workers_or_one_per_core) {
  EXPECT_EQ(make(3)->workers(), 3U);
  EXPECT_GE(make(0)->workers(), 1U);
}

// Mainly for ThreadSanitizer: several threads open and destroy mailboxes, submit and cancel concurrently.
TEST_F(frame_queue_test, reports_each_frame_once_under_contention) {
  constexpr int threads = 4;
  constexpr int frames = 500;
  const auto queue = make(3);
  std::vector<std::vector<std::atomic<int>>> reports;
  for (int t = 0; t < threads; ++t) reports.emplace_back(frames);
  std::array<std::atomic<int>, threads> last{};
  std::atomic<bool> in_order = true;
  {
    std::latch start(threads);
    std::vector<std::jthread> submitters;
    for (int t = 0; t < threads; ++t)
      submitters.emplace_back([&, t] {
        const auto index = static_cast<std::size_t>(t);
        auto mailbox = open(*queue, [&, index](outcome o) {
          ++reports[index][o.number];
          const int i = static_cast<int>(o.number);
          if (!o.dropped && last[index].exchange(i) > i) in_order = false;
        });
        start.arrive_and_wait();
        for (int i = 0; i < frames; ++i) {
          auto f = make_frame("x");
          f.number = static_cast<std::uint64_t>(i);
          mailbox.submit(std::move(f));
          if (i % 50 == 49) mailbox.cancel();
        }
      });
  }
  queue->close();
  EXPECT_TRUE(in_order);
  for (const auto& counts : reports)
    for (const auto& n : counts) ASSERT_EQ(n, 1);
  const queue_stats stats = queue->stats();
  EXPECT_EQ(stats.submitted, static_cast<std::uint64_t>(threads * frames));
  EXPECT_EQ(stats.submitted, stats.analyzed + stats.dropped[0] + stats.dropped[2]);
}

}  // namespace
}  // namespace emostream::pipeline

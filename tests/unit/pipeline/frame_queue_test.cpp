#include "pipeline/frame_queue.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

namespace emostream::pipeline {
namespace {

using testing::ElementsAre;

/// Keeps the names of things in the order in which they happened, on any thread.
class journal {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

class frame_queue_test : public testing::Test {
 protected:
  std::unique_ptr<frame_queue> make(unsigned workers) {
    return std::make_unique<frame_queue>(queue_options{.workers = workers},
                                         [this] { return time_point(milliseconds(now_ms)); });
  }

  /// What workers do is what the image says: "hold…" waits for the gate, "throw", "fail".
  std::error_code analyze(std::span<const std::uint8_t> bytes, const vision::frame_options& options,
                          vision::analysis& into) {
    const std::string text(bytes.begin(), bytes.end());
    if (text.starts_with("hold")) {
      held.release();
      gate.acquire();
    }
    computed.add(text);
    if (text == "throw") throw std::runtime_error("bug");
    if (text == "throw 42") throw 42;
    if (text == "fail") return frame_error::bad_base64;
    into.width = static_cast<int>(text.size());
    into.height = options.max_faces;
    return {};
  }

  frame_queue::lane open(frame_queue& queue, frame_queue::listener tell) {
    return queue.open([this](auto bytes, const auto& options, time_point,
                             vision::analysis& into) { return analyze(bytes, options, into); },
                      std::move(tell));
  }
  /// A lane whose frames are told of in the journal, as in "a: ok", "b: replaced".
  frame_queue::lane open(frame_queue& queue) {
    return open(queue, [this](outcome o) {
      std::string what = "ok";
      if (o.dropped) what = to_string(*o.dropped);
      if (o.error) what = o.error.message();
      told.add(name_of(o.number) + ": " + what);
    });
  }

  frame make_frame(std::string text, bool base64 = false) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    return {.number = remember(*owner),
            .image = {.owner = owner, .content = *owner, .text = base64},
            .options = {.min_confidence = 0.5F, .max_faces = 7},
            .received = time_point(milliseconds(now_ms))};
  }

  void submit(frame_queue::lane& to, const std::string& text) { to.submit(make_frame(text)); }

  /// With one worker: makes it wait in the middle of a frame of a lane of its own.
  void hold_the_worker(frame_queue::lane& blocker) {
    submit(blocker, "hold");
    held.acquire();
  }

  std::atomic<int> now_ms{1'000'000};
  std::counting_semaphore<> held{0};
  std::counting_semaphore<> gate{0};
  journal computed;
  journal told;

 private:
  std::uint64_t remember(const std::string& text) {
    const std::lock_guard lock(mutex_);
    names_.push_back(text);
    return names_.size() - 1;
  }
  std::string name_of(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    return names_.at(number);
  }
  std::mutex mutex_;
  std::vector<std::string> names_;
};

TEST_F(frame_queue_test, analyzes_a_frame_with_its_options) {
  const auto queue = make(2);
  std::promise<outcome> done;
  auto lane = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
  lane.submit(make_frame("image"));
  const outcome o = done.get_future().get();
  EXPECT_FALSE(o.dropped);
  EXPECT_FALSE(o.error);
  ASSERT_TRUE(o.analysis);
  EXPECT_EQ(o.analysis->width, 5);
  EXPECT_EQ(o.analysis->height, 7);
  EXPECT_EQ(o.queue_ms, 0);
}

TEST_F(frame_queue_test, decodes_text_on_the_worker) {
  const auto queue = make(1);
  auto lane = open(*queue);
  lane.submit(make_frame("data:image/png;base64,aGVsbG8=", true));
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hello"));
}

TEST_F(frame_queue_test, tells_errors_and_exceptions_and_lives_on) {
  const auto queue = make(1);
  for (const std::string text : {"fail", "throw", "throw 42"}) {
    std::promise<outcome> done;
    auto lane = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
    lane.submit(make_frame(text));
    const outcome o = done.get_future().get();
    EXPECT_FALSE(o.dropped);
    ASSERT_FALSE(o.analysis);
    EXPECT_EQ(o.error, text == "fail" ? frame_error::bad_base64 : frame_error::internal);
  }
  std::promise<outcome> done;
  auto lane = open(*queue, [&](outcome o) { done.set_value(std::move(o)); });
  lane.submit(make_frame("%%%", true));
  EXPECT_EQ(done.get_future().get().error, frame_error::bad_base64);
  queue->close();
  EXPECT_EQ(queue->stats().failed, 4U);
}

TEST_F(frame_queue_test, a_listener_that_throws_does_not_stop_the_worker) {
  const auto queue = make(1);
  std::counting_semaphore<> heard{0};
  auto lane = open(*queue, [&](outcome) {
    heard.release();
    throw std::runtime_error("bug");
  });
  submit(lane, "a");
  heard.acquire();
  submit(lane, "b");
  heard.acquire();
}

TEST_F(frame_queue_test, the_newest_frame_replaces_the_one_that_waits) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto lane = open(*queue);
  hold_the_worker(blocker);
  submit(lane, "a");
  submit(lane, "b");
  submit(lane, "c");
  EXPECT_THAT(told.lines(), ElementsAre("a: replaced", "b: replaced"));
  EXPECT_EQ(queue->stats().waiting, 1U);
  gate.release();
  queue->close();
  EXPECT_THAT(told.lines(), ElementsAre("a: replaced", "b: replaced", "hold: ok", "c: ok"));
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "c"));
}

TEST_F(frame_queue_test, one_frame_of_a_lane_at_a_time_however_many_workers) {
  const auto queue = make(4);
  auto lane = open(*queue);
  hold_the_worker(lane);
  submit(lane, "next");
  std::promise<void> served;
  auto other = open(*queue, [&](outcome) { served.set_value(); });
  submit(other, "other");
  served.get_future().get();
  EXPECT_THAT(computed.lines(), ElementsAre("other")) << "three workers are idle, and yet `next` waits";
  gate.release();
  queue->close();
  EXPECT_THAT(told.lines(), ElementsAre("hold: ok", "next: ok"));
}

TEST_F(frame_queue_test, lanes_take_turns_whoever_submits_most) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto greedy = open(*queue);
  auto modest = open(*queue);
  hold_the_worker(blocker);
  submit(greedy, "hold g1");
  submit(modest, "hold m1");
  for (int turn = 1; turn <= 3; ++turn) {
    gate.release();
    held.acquire();  // greedy's frame is in work: its next goes behind modest's
    submit(greedy, "hold g" + std::to_string(turn + 1));
    gate.release();
    held.acquire();  // modest's
    submit(modest, "hold m" + std::to_string(turn + 1));
  }
  gate.release(3);
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "hold g1", "hold m1", "hold g2", "hold m2", "hold g3",
                                            "hold m3", "hold g4", "hold m4"));
}

TEST_F(frame_queue_test, a_replacement_keeps_its_lanes_turn) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto first = open(*queue);
  auto second = open(*queue);
  hold_the_worker(blocker);
  submit(first, "a");
  submit(second, "b");
  submit(first, "a2");
  gate.release();
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "a2", "b"));
}

TEST_F(frame_queue_test, who_was_served_longest_ago_is_served_first) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto often = open(*queue);
  auto seldom = open(*queue);
  now_ms += 1;
  hold_the_worker(often);
  gate.release();
  hold_the_worker(blocker);
  submit(often, "often");
  submit(seldom, "seldom");
  gate.release();
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "hold", "seldom", "often"));
}

/// While the worker is held, the first of two lanes gets its frames, so many ms apart, and 26 or more ms
/// after the last the second gets one. Who is served in which order?
struct fresh_frame_test : frame_queue_test {
  std::vector<std::string> order(const std::vector<std::pair<std::string, int>>& first_and_pause) {
    const auto queue = make(1);
    auto blocker = open(*queue);
    auto first = open(*queue);
    auto second = open(*queue);
    hold_the_worker(blocker);
    for (const auto& [name, pause] : first_and_pause) {
      submit(first, name);
      now_ms += pause;
    }
    submit(second, "fresh");
    gate.release();
    queue->close();
    return computed.lines();
  }
};

TEST_F(fresh_frame_test, a_lane_with_an_old_frame_waits_for_its_next_while_others_have_fresh_ones) {
  EXPECT_THAT(order({{"replaced", 100}, {"old", 26}}), ElementsAre("hold", "fresh", "old"));
}

TEST_F(fresh_frame_test, whoever_waits_for_answers_is_not_made_to_wait_for_them) {
  EXPECT_THAT(order({{"old", 26}}), ElementsAre("hold", "old", "fresh"));
}

TEST_F(fresh_frame_test, nor_is_a_sender_that_paused) {
  EXPECT_THAT(order({{"replaced", 50}, {"last", 101}}), ElementsAre("hold", "last", "fresh"));
}

TEST_F(frame_queue_test, where_no_frame_is_fresh_the_youngest_goes_first) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  std::vector<frame_queue::lane> lanes;
  for (int i = 0; i < 4; ++i) lanes.push_back(open(*queue));
  hold_the_worker(blocker);
  for (auto& lane : lanes) submit(lane, "replaced");
  now_ms += 100;
  for (int i = 0; i < 4; ++i, ++now_ms) submit(lanes[static_cast<std::size_t>(i)], std::to_string(i));
  now_ms += 26;
  gate.release();
  queue->close();
  // Of the half that was served longest ago.
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "1", "2", "0", "3"));
}

TEST_F(frame_queue_test, says_whether_others_wait) {
  const auto queue = make(1);
  std::vector<bool> told_to_hurry;
  const auto open_one = [&] {
    return queue->open(
        [&](auto bytes, const auto& options, time_point, vision::analysis& into) {
          told_to_hurry.push_back(options.others_wait);
          return analyze(bytes, options, into);
        },
        [](const outcome&) {});
  };
  auto blocker = open(*queue);
  auto first = open_one();
  auto second = open_one();
  hold_the_worker(blocker);
  submit(first, "a");
  submit(second, "b");
  gate.release();
  queue->close();
  EXPECT_THAT(told_to_hurry, ElementsAre(true, false));
}

TEST_F(frame_queue_test, drops_frames_that_waited_over_the_deadline_before_decoding) {
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
  EXPECT_THAT(told.lines(), ElementsAre("hold: ok", "late: stale", "in time: ok"));
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "in time"));
}

TEST_F(frame_queue_test, cancels_the_frame_that_waits_and_leaves_the_one_in_work) {
  const auto queue = make(1);
  auto lane = open(*queue);
  hold_the_worker(lane);
  submit(lane, "next");
  lane.cancel();
  lane.cancel();
  EXPECT_THAT(told.lines(), ElementsAre("next: cancelled"));
  submit(lane, "after");
  gate.release();
  queue->close();
  EXPECT_THAT(told.lines(), ElementsAre("next: cancelled", "hold: ok", "after: ok"));
}

TEST_F(frame_queue_test, a_lane_that_goes_away_cancels) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  hold_the_worker(blocker);
  {
    auto lane = open(*queue);
    submit(lane, "orphan");
    auto moved = std::move(lane);
    EXPECT_TRUE(told.lines().empty());
  }
  EXPECT_THAT(told.lines(), ElementsAre("orphan: cancelled"));
  gate.release();
}

TEST_F(frame_queue_test, close_finishes_what_waits_and_refuses_what_comes) {
  auto queue = make(2);
  std::vector<frame_queue::lane> lanes;
  for (int i = 0; i < 8; ++i) lanes.push_back(open(*queue));
  for (auto& lane : lanes) submit(lane, "a");
  queue->close();
  EXPECT_EQ(told.lines(), std::vector<std::string>(8, "a: ok"));
  queue->close();
  submit(lanes.front(), "b");
  EXPECT_EQ(told.lines().back(), "b: shutting_down");
  queue.reset();
  submit(lanes.front(), "c");
  EXPECT_EQ(told.lines().back(), "c: shutting_down");
}

TEST_F(frame_queue_test, counts_what_happened) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto lane = open(*queue);
  auto other = open(*queue);
  hold_the_worker(blocker);
  submit(lane, "a");
  submit(lane, "fail");
  submit(other, "b");
  other.cancel();
  now_ms += 40;
  EXPECT_EQ(queue->stats().working, 1U);
  EXPECT_EQ(queue->stats().waiting, 1U);
  gate.release();
  queue->close();
  submit(lane, "c");

  const queue_stats stats = queue->stats();
  EXPECT_EQ(stats.submitted, 5U);
  EXPECT_EQ(stats.analyzed, 1U);
  EXPECT_EQ(stats.failed, 1U);
  EXPECT_THAT(stats.dropped, ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(stats.busy_ms_sum, 40) << "the worker was held so long";
  EXPECT_EQ(stats.waiting, 0U);
  EXPECT_EQ(stats.working, 0U);
}

TEST_F(frame_queue_test, has_as_many_workers_as_asked_for_or_as_there_are_cores) {
  EXPECT_EQ(make(3)->workers(), 3U);
  EXPECT_GE(make(0)->workers(), 1U);
}

// Meant for the thread sanitizer: every completion once, in order, while lanes come, cancel and go.
TEST_F(frame_queue_test, tells_each_frame_once_under_contention) {
  constexpr int threads = 4;
  constexpr int frames = 500;
  const auto queue = make(3);
  std::vector<std::vector<std::atomic<int>>> times_told;
  for (int t = 0; t < threads; ++t) times_told.emplace_back(frames);
  std::array<std::atomic<int>, threads> last{};
  std::atomic<bool> in_order = true;
  {
    std::latch start(threads);
    std::vector<std::jthread> submitters;
    for (int t = 0; t < threads; ++t)
      submitters.emplace_back([&, t] {
        const auto me = static_cast<std::size_t>(t);
        auto lane = open(*queue, [&, me](outcome o) {
          ++times_told[me][o.number];
          const int i = static_cast<int>(o.number);
          if (!o.dropped && last[me].exchange(i) > i) in_order = false;
        });
        start.arrive_and_wait();
        for (int i = 0; i < frames; ++i) {
          auto f = make_frame("x");
          f.number = static_cast<std::uint64_t>(i);
          lane.submit(std::move(f));
          if (i % 50 == 49) lane.cancel();
        }
      });
  }
  queue->close();
  EXPECT_TRUE(in_order);
  for (const auto& lane : times_told)
    for (const auto& n : lane) ASSERT_EQ(n, 1);
  const queue_stats stats = queue->stats();
  EXPECT_EQ(stats.submitted, static_cast<std::uint64_t>(threads * frames));
  EXPECT_EQ(stats.submitted, stats.analyzed + stats.dropped[0] + stats.dropped[2]);
}

}  // namespace
}  // namespace emostream::pipeline

// Which lane is served next.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/frame_queue_fixture.hpp"

namespace emostream::pipeline {
namespace {

using testing::ElementsAre;

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

TEST_F(fresh_frame_test, nor_one_whose_next_would_come_too_late) {
  EXPECT_THAT(order({{"replaced", 300}, {"old", 26}}), ElementsAre("hold", "old", "fresh"));
}

TEST_F(frame_queue_test, whose_frame_was_stale_is_still_to_be_served) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto often = open(*queue);
  auto late = open(*queue);
  now_ms += 100;
  hold_the_worker(often);
  gate.release();
  hold_the_worker(blocker);
  submit(late, "too late");
  now_ms += 300;
  gate.release();
  hold_the_worker(blocker);
  submit(often, "often");
  submit(late, "in time");
  gate.release();
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "hold", "hold", "in time", "often"));
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
          told_to_hurry.push_back(options.under_load);
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

}  // namespace
}  // namespace emostream::pipeline

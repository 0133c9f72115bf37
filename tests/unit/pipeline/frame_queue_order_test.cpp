// The order in which mailboxes are served.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/frame_queue_fixture.hpp"

namespace emostream::pipeline {
namespace {

using testing::ElementsAre;

TEST_F(frame_queue_test, mailboxes_that_always_have_a_frame_are_served_in_turn) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  auto first = open(*queue);
  auto second = open(*queue);
  hold_the_worker(blocker);
  submit(first, "hold a1");
  submit(second, "hold b1");
  for (int turn = 1; turn <= 3; ++turn) {
    gate.release();
    held.acquire();  // the worker has the frame of `first`, so its next one is queued behind that of `second`
    submit(first, "hold a" + std::to_string(turn + 1));
    gate.release();
    held.acquire();  // the worker has the frame of `second`
    submit(second, "hold b" + std::to_string(turn + 1));
  }
  gate.release(3);
  queue->close();
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "hold a1", "hold b1", "hold a2", "hold b2", "hold a3",
                                            "hold b3", "hold a4", "hold b4"));
}

TEST_F(frame_queue_test, a_newer_frame_takes_the_place_of_the_one_it_replaces) {
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

TEST_F(frame_queue_test, the_mailbox_served_longest_ago_is_served_first) {
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

/// Submits frames to a first mailbox, each followed by a pause in ms, and then one frame to a second mailbox,
/// while the only worker is blocked. order() returns the order in which they are processed.
struct fresh_frame_test : frame_queue_test {
  std::vector<std::string> order(const std::vector<std::pair<std::string, int>>& frames_and_pauses) {
    const auto queue = make(1);
    auto blocker = open(*queue);
    auto first = open(*queue);
    auto second = open(*queue);
    hold_the_worker(blocker);
    for (const auto& [name, pause] : frames_and_pauses) {
      submit(first, name);
      now_ms += pause;
    }
    submit(second, "fresh");
    gate.release();
    queue->close();
    return computed.lines();
  }
};

TEST_F(fresh_frame_test, an_old_frame_that_will_be_replaced_waits_while_others_are_fresh) {
  EXPECT_THAT(order({{"replaced", 100}, {"old", 26}}), ElementsAre("hold", "fresh", "old"));
}

TEST_F(fresh_frame_test, a_sender_that_waits_for_each_outcome_is_not_skipped) {
  EXPECT_THAT(order({{"old", 26}}), ElementsAre("hold", "old", "fresh"));
}

TEST_F(fresh_frame_test, a_sender_that_paused_is_not_skipped) {
  EXPECT_THAT(order({{"replaced", 50}, {"last", 101}}), ElementsAre("hold", "last", "fresh"));
}

TEST_F(fresh_frame_test, a_sender_with_an_interval_over_the_deadline_is_not_skipped) {
  EXPECT_THAT(order({{"replaced", 300}, {"old", 26}}), ElementsAre("hold", "old", "fresh"));
}

TEST_F(frame_queue_test, a_stale_frame_does_not_cost_the_mailbox_its_place) {
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

TEST_F(frame_queue_test, a_young_frame_goes_first_if_all_will_be_replaced) {
  const auto queue = make(1);
  auto blocker = open(*queue);
  std::vector<frame_queue::mailbox> mailboxes;
  for (int i = 0; i < 4; ++i) mailboxes.push_back(open(*queue));
  hold_the_worker(blocker);
  for (auto& mailbox : mailboxes) submit(mailbox, "replaced");
  now_ms += 100;
  for (int i = 0; i < 4; ++i, ++now_ms) submit(mailboxes[static_cast<std::size_t>(i)], std::to_string(i));
  now_ms += 26;
  gate.release();
  queue->close();
  // Each time, the youngest frame of the half that was served longest ago.
  EXPECT_THAT(computed.lines(), ElementsAre("hold", "1", "2", "0", "3"));
}

TEST_F(frame_queue_test, tells_the_analyzer_whether_the_queue_is_under_load) {
  const auto queue = make(1);
  std::vector<bool> under_load;
  const auto open_one = [&] {
    return queue->open_mailbox(
        std::make_shared<worker_share>(),
        [&](auto bytes, const auto& options, time_point, vision::analysis& into) {
          under_load.push_back(options.under_load);
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
  EXPECT_THAT(under_load, ElementsAre(true, false));
}

}  // namespace
}  // namespace emostream::pipeline

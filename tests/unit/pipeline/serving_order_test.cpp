// How the workers' time is shared between accounts.
#include "pipeline/serving_order.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "pipeline/frame_queue.hpp"
#include "pipeline/mailbox_state.hpp"

namespace emostream::pipeline {
namespace {

/// Accounts whose connections submit a new frame as soon as the previous one has been processed, and one
/// worker. Time passes only while the worker is busy.
class serving_order_test : public testing::Test {
 protected:
  struct account {
    std::shared_ptr<worker_share> share = std::make_shared<worker_share>();
    std::vector<std::shared_ptr<mailbox_state>> connections;
    int frame_ms = 0;
    int interval_ms = 0;  ///< from the end of a frame to the next one
    double used_ms = 0;
    int served = 0;
    std::vector<int> waits_ms;
  };

  /// Lets the account's connections send without waiting for answers: their frames are expected to be
  /// replaced.
  static void stream(account& a, int interval_ms) {
    for (const auto& box : a.connections) box->replacement_interval = milliseconds(interval_ms);
  }

  account& add_account(int connections, int frame_ms, int interval_ms = 0) {
    auto& a = *accounts.emplace_back(std::make_unique<account>());
    a.frame_ms = frame_ms;
    a.interval_ms = interval_ms;
    for (int i = 0; i < connections; ++i) {
      a.connections.push_back(std::make_shared<mailbox_state>(a.share, nullptr, nullptr, now()));
      due.emplace(now_ms, std::pair(&a, a.connections.back()));
    }
    return a;
  }

  /// Lets the worker work until this much time has passed.
  void run_for(int ms) {
    for (const int end = now_ms + ms; now_ms < end;) {
      for (auto it = due.begin(); it != due.end() && it->first <= now_ms; it = due.erase(it)) submit(*it);
      if (order.empty()) {
        now_ms = due.begin()->first;
        continue;
      }
      const auto box = order.pop(now());
      account& a = *owner_of(*box);
      a.waits_ms.push_back(now_ms - static_cast<int>(to_ms(box->waiting->received - time_point())));
      box->waiting.reset();
      now_ms += a.frame_ms;
      serving_order::settle(*box, a.frame_ms);
      a.used_ms += a.frame_ms;
      ++a.served;
      due.emplace(now_ms + a.interval_ms, std::pair(&a, box));
    }
  }

  /// Jain's fairness index of the accounts' worker time: 1 if all have the same, 1/n if one has all.
  double fairness() const {
    double sum = 0;
    double squares = 0;
    for (const auto& a : accounts) {
      sum += a->used_ms;
      squares += a->used_ms * a->used_ms;
    }
    return sum * sum / (static_cast<double>(accounts.size()) * squares);
  }

  time_point now() const { return time_point(milliseconds(now_ms)); }

  int now_ms = 1'000'000;
  serving_order order{{.workers = 1, .deadline = milliseconds(1'000'000)}};
  std::vector<std::unique_ptr<account>> accounts;
  std::multimap<int, std::pair<account*, std::shared_ptr<mailbox_state>>> due;  ///< the next frames, by time

 private:
  void submit(const std::pair<const int, std::pair<account*, std::shared_ptr<mailbox_state>>>& entry) {
    const auto& box = entry.second.second;
    box->waiting.emplace().received = time_point(milliseconds(entry.first));
    order.push(box);
  }
  account* owner_of(const mailbox_state& box) {
    return std::ranges::find(accounts, box.share, &account::share)->get();
  }
};

TEST_F(serving_order_test, accounts_have_equal_worker_time_whatever_their_connections_and_images) {
  add_account(1, 4);
  add_account(10, 4);
  add_account(1, 110);
  add_account(10, 60);
  add_account(3, 9);
  run_for(20'000);
  EXPECT_GT(fairness(), 0.98);
}

TEST_F(serving_order_test, an_account_that_uses_little_waits_for_at_most_one_frame) {
  account& modest = add_account(1, 5, 95);
  add_account(10, 110);
  add_account(10, 90);
  run_for(10'000);
  EXPECT_GT(modest.served, 50);
  EXPECT_LE(*std::ranges::max_element(modest.waits_ms), 110);
}

TEST_F(serving_order_test, an_account_that_was_alone_is_not_in_debt) {
  account& early = add_account(2, 100);
  run_for(60'000);
  const double alone_ms = early.used_ms;
  const account& late = add_account(2, 100);
  run_for(10'000);
  EXPECT_NEAR(early.used_ms - alone_ms, late.used_ms, 300);
}

TEST_F(serving_order_test, an_account_that_had_no_frames_has_not_saved_up_time) {
  account& idle = add_account(1, 10, 60'000);  // one frame a minute
  const account& busy = add_account(1, 100);
  run_for(60'000);
  idle.interval_ms = 0;
  const double idle_ms = idle.used_ms;
  const double busy_ms = busy.used_ms;
  run_for(10'000);
  EXPECT_NEAR(idle.used_ms - idle_ms, busy.used_ms - busy_ms, 300);
}

TEST_F(serving_order_test, within_an_account_the_connection_served_longest_ago_is_next) {
  account& a = add_account(3, 10);
  run_for(300);
  EXPECT_EQ(a.served, 30);
  for (const auto& box : a.connections) EXPECT_GE(now() - box->last_served, milliseconds(10));
  EXPECT_THAT(a.waits_ms, testing::Each(testing::Le(20)));
}

TEST_F(serving_order_test, an_account_that_streams_does_not_yield_to_those_that_used_more) {
  account& modest = add_account(1, 5, 95);
  account& attacker = add_account(10, 110);
  stream(modest, 100);
  stream(attacker, 100);
  run_for(10'000);
  EXPECT_GT(modest.served, 50);
}

}  // namespace
}  // namespace emostream::pipeline

#include "service/accounts.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "service/frame_budget.hpp"
#include "service/rooms.hpp"

namespace emostream::service {
namespace {

TEST(accounts_test, count_connections_until_they_go) {
  accounts all({.max_connections = 2});
  auto first = all.enter("a");
  ASSERT_TRUE(first);
  {
    const auto second = all.enter("a");
    EXPECT_TRUE(second);
    EXPECT_FALSE(all.enter("a"));
    EXPECT_TRUE(all.enter("b"));
  }
  const auto third = all.enter("a");
  EXPECT_TRUE(third);
  EXPECT_EQ(third->of().name(), "a");
  EXPECT_EQ(all.size(), 1U);
}

TEST(accounts_test, a_ticket_counts_once_however_often_it_moves) {
  accounts all({.max_connections = 1});
  {
    auto first = all.enter("a");
    const accounts::ticket moved = std::move(*first);
    first.reset();
    EXPECT_FALSE(all.enter("a"));
  }
  EXPECT_EQ(all.size(), 0U);
  EXPECT_TRUE(all.enter("a"));
}

TEST(accounts_test, a_ticket_may_outlive_the_accounts) {
  auto all = std::make_unique<accounts>(account_limits{.max_connections = 1});
  const auto ticket = all->enter("a");
  all.reset();
  EXPECT_EQ(ticket->of().name(), "a");
}

TEST(accounts_test, none_may_mean_nobody) {
  accounts all({.max_connections = 0});
  EXPECT_FALSE(all.enter("a"));
  EXPECT_EQ(all.size(), 0U);
}

constexpr time_point start{std::chrono::hours(1)};

TEST(accounts_test, frames_and_bytes_have_rates_of_their_own) {
  accounts all(
      {.max_connections = 1, .max_fps = 10, .burst = 2, .max_bytes_per_second = 1000, .burst_bytes = 1000});
  const auto who = all.find("a");
  EXPECT_FALSE(who->take_frame(100, start));
  EXPECT_EQ(who->take_frame(901, start)->message, "Too many bytes a second for this account");
  EXPECT_FALSE(who->take_frame(900, start)) << "what was refused took nothing";
  const auto why = who->take_frame(0, start);
  EXPECT_EQ(why->message, "Too many frames a second for this account");
  EXPECT_EQ(why->code, 429);
  EXPECT_EQ(why->reason, reason::rate_limited);
  EXPECT_FALSE(who->take_frame(100, start + milliseconds(100)));
  EXPECT_FALSE(all.find("b")->take_frame(1000, start)) << "another account";
}

TEST(accounts_test, to_come_back_is_no_way_around_a_rate) {
  accounts all(
      {.max_connections = 1, .max_fps = 1, .burst = 1, .max_bytes_per_second = 1000, .burst_bytes = 1000});
  {
    const auto ticket = all.enter("a");
    EXPECT_FALSE(ticket->of().take_frame(1, start));
  }
  all.forget_idle(start + milliseconds(999));
  EXPECT_TRUE(all.find("a")->take_frame(1, start + milliseconds(999)));
  all.forget_idle(start + milliseconds(1000));
  EXPECT_FALSE(all.find("a")->take_frame(1, start + milliseconds(1000)));
}

TEST(accounts_test, one_in_use_is_not_forgotten) {
  accounts all({.max_connections = 1});
  const auto ticket = all.enter("a");
  all.forget_idle(start);
  EXPECT_FALSE(all.enter("a"));
}

TEST(frame_budget_test, holds_bytes_as_long_as_their_shares_live) {
  frame_budget budget(100);
  auto first = budget.take(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.take(41));
  {
    const auto second = budget.take(40);
    EXPECT_TRUE(second);
    EXPECT_EQ(budget.used(), 100U);
    EXPECT_TRUE(budget.take(0));
    EXPECT_FALSE(budget.take(1));
  }
  EXPECT_EQ(budget.used(), 60U);
  const frame_budget::share moved = std::move(*first);
  first.reset();
  EXPECT_EQ(budget.used(), 60U);
  EXPECT_FALSE(budget.take(101));
  EXPECT_FALSE(budget.take(std::numeric_limits<std::size_t>::max()));
}

TEST(frame_budget_test, a_share_may_outlive_the_budget) {
  auto budget = std::make_unique<frame_budget>(100);
  const auto share = budget->take(60);
  budget.reset();
}

TEST(room_registry_test, remembers_the_last_result) {
  room_registry rooms(1);
  EXPECT_TRUE(rooms.enter("a"));
  EXPECT_EQ(rooms.last_result("a"), time_point::min());
  rooms.heard("a", start);
  rooms.heard("unknown", start);
  EXPECT_EQ(rooms.last_result("a"), start);
  EXPECT_EQ(rooms.last_result("unknown"), time_point::min());
}

TEST(room_registry_test, bounds_rooms_not_members) {
  room_registry rooms(2);
  EXPECT_TRUE(rooms.enter("a"));
  EXPECT_TRUE(rooms.enter("b"));
  EXPECT_FALSE(rooms.enter("c"));
  EXPECT_TRUE(rooms.enter("a"));
  rooms.leave("a");
  EXPECT_FALSE(rooms.enter("c"));
  rooms.leave("a");
  EXPECT_TRUE(rooms.enter("c"));
  rooms.leave("unknown");
  EXPECT_EQ(rooms.size(), 2U);
}

}  // namespace
}  // namespace emostream::service

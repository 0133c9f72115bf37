#include "service/accounts.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "service/frame_budget.hpp"
#include "service/room_registry.hpp"

namespace emostream::service {
namespace {

TEST(accounts_test, counts_connections_until_their_permits_are_destroyed) {
  accounts all({.max_connections = 2});
  auto first = all.acquire("a");
  ASSERT_TRUE(first);
  {
    const auto second = all.acquire("a");
    EXPECT_TRUE(second);
    EXPECT_FALSE(all.acquire("a"));
    EXPECT_TRUE(all.acquire("b"));
  }
  const auto third = all.acquire("a");
  EXPECT_TRUE(third);
  EXPECT_EQ(third->owner().name(), "a");
  EXPECT_EQ(all.connected_count(), 1U);
}

TEST(accounts_test, a_moved_permit_counts_once) {
  accounts all({.max_connections = 1});
  {
    auto first = all.acquire("a");
    const accounts::connection_permit moved = std::move(*first);
    first.reset();
    EXPECT_FALSE(all.acquire("a"));
  }
  EXPECT_EQ(all.connected_count(), 0U);
  EXPECT_TRUE(all.acquire("a"));
}

TEST(accounts_test, a_permit_may_outlive_the_accounts) {
  auto all = std::make_unique<accounts>(account_limits{.max_connections = 1});
  const auto permit = all->acquire("a");
  all.reset();
  EXPECT_EQ(permit->owner().name(), "a");
}

TEST(accounts_test, a_limit_of_zero_rejects_every_connection) {
  accounts all({.max_connections = 0});
  EXPECT_FALSE(all.acquire("a"));
  EXPECT_EQ(all.connected_count(), 0U);
}

constexpr time_point start{std::chrono::hours(1)};

TEST(accounts_test, frames_and_bytes_have_separate_rates) {
  accounts all(
      {.max_connections = 1, .max_fps = 10, .burst = 2, .max_bytes_per_second = 1000, .burst_bytes = 1000});
  const auto alice = all.find_or_create("a");
  EXPECT_FALSE(alice->charge_frame(100, start));
  EXPECT_EQ(alice->charge_frame(901, start)->message, "Too many bytes a second for this account");
  EXPECT_FALSE(alice->charge_frame(900, start)) << "a rejected frame is not charged";
  const auto error = alice->charge_frame(0, start);
  EXPECT_EQ(error->message, "Too many frames a second for this account");
  EXPECT_EQ(error->code, 429);
  EXPECT_EQ(error->reason, reason::rate_limited);
  EXPECT_FALSE(alice->charge_frame(100, start + milliseconds(100)));
  EXPECT_FALSE(all.find_or_create("b")->charge_frame(1000, start)) << "another account";
}

TEST(accounts_test, reconnecting_does_not_reset_a_rate) {
  accounts all(
      {.max_connections = 1, .max_fps = 1, .burst = 1, .max_bytes_per_second = 1000, .burst_bytes = 1000});
  {
    const auto permit = all.acquire("a");
    EXPECT_FALSE(permit->owner().charge_frame(1, start));
  }
  all.remove_idle(start + milliseconds(999));
  EXPECT_TRUE(all.find_or_create("a")->charge_frame(1, start + milliseconds(999)));
  all.remove_idle(start + milliseconds(1000));
  EXPECT_FALSE(all.find_or_create("a")->charge_frame(1, start + milliseconds(1000)));
}

TEST(accounts_test, an_account_in_use_is_not_removed) {
  accounts all({.max_connections = 1});
  const auto permit = all.acquire("a");
  all.remove_idle(start);
  EXPECT_FALSE(all.acquire("a"));
}

TEST(frame_budget_test, counts_bytes_until_their_reservations_are_destroyed) {
  frame_budget budget(100);
  auto first = budget.reserve(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.reserve(41));
  {
    const auto second = budget.reserve(40);
    EXPECT_TRUE(second);
    EXPECT_EQ(budget.used(), 100U);
    EXPECT_TRUE(budget.reserve(0));
    EXPECT_FALSE(budget.reserve(1));
  }
  EXPECT_EQ(budget.used(), 60U);
  const frame_budget::reservation moved = std::move(*first);
  first.reset();
  EXPECT_EQ(budget.used(), 60U);
  EXPECT_FALSE(budget.reserve(101));
  EXPECT_FALSE(budget.reserve(std::numeric_limits<std::size_t>::max()));
}

TEST(frame_budget_test, a_reservation_may_outlive_the_budget) {
  auto budget = std::make_unique<frame_budget>(100);
  const auto reservation = budget->reserve(60);
  budget.reset();
}

TEST(room_registry_test, remembers_the_last_result) {
  room_registry rooms(1);
  EXPECT_TRUE(rooms.add_member("a"));
  EXPECT_EQ(rooms.last_result("a"), time_point::min());
  rooms.record_result("a", start);
  rooms.record_result("unknown", start);
  EXPECT_EQ(rooms.last_result("a"), start);
  EXPECT_EQ(rooms.last_result("unknown"), time_point::min());
}

TEST(room_registry_test, limits_rooms_but_not_members) {
  room_registry rooms(2);
  EXPECT_TRUE(rooms.add_member("a"));
  EXPECT_TRUE(rooms.add_member("b"));
  EXPECT_FALSE(rooms.add_member("c"));
  EXPECT_TRUE(rooms.add_member("a"));
  rooms.remove_member("a");
  EXPECT_FALSE(rooms.add_member("c"));
  rooms.remove_member("a");
  EXPECT_TRUE(rooms.add_member("c"));
  rooms.remove_member("unknown");
  EXPECT_EQ(rooms.size(), 2U);
}

}  // namespace
}  // namespace emostream::service

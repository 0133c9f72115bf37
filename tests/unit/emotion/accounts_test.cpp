#include "emotion/accounts.hpp"

#include <gtest/gtest.h>

#include "emotion/rooms.hpp"

namespace emostream::emotion {
namespace {

TEST(accounts_test, count_connections_until_they_go) {
  accounts all(2);
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
  EXPECT_EQ(third->account(), "a");
  EXPECT_EQ(all.size(), 1U);
}

TEST(accounts_test, a_ticket_counts_once_however_often_it_moves) {
  accounts all(1);
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
  auto all = std::make_unique<accounts>(1);
  const auto ticket = all->enter("a");
  all.reset();
  EXPECT_EQ(ticket->account(), "a");
}

TEST(accounts_test, none_may_mean_nobody) {
  accounts all(0);
  EXPECT_FALSE(all.enter("a"));
  EXPECT_EQ(all.size(), 0U);
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
}  // namespace emostream::emotion

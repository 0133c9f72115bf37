#include "api/request_slots.hpp"

#include <gtest/gtest.h>

namespace emostream::api {
namespace {

TEST(request_slots, are_counted_for_an_account_until_destroyed) {
  request_slots slots(2);
  const auto first = slots.take("alice");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->account(), "alice");
  {
    const auto second = slots.take("alice");
    EXPECT_TRUE(second);
    EXPECT_FALSE(slots.take("alice"));
    EXPECT_TRUE(slots.take("bob"));
  }
  EXPECT_TRUE(slots.take("alice"));
}

TEST(request_slots, are_counted_once_when_moved) {
  request_slots slots(1);
  {
    auto first = slots.take("alice");
    const request_slots::slot moved = std::move(*first);
    first.reset();
    EXPECT_FALSE(slots.take("alice"));
  }
  EXPECT_TRUE(slots.take("alice"));
}

TEST(request_slots, may_be_destroyed_before_their_slots) {
  auto slots = std::make_unique<request_slots>(1);
  const auto slot = slots->take("alice");
  slots.reset();
  EXPECT_EQ(slot->account(), "alice");
}

TEST(request_slots, may_have_a_limit_of_zero) {
  EXPECT_FALSE(request_slots(0).take("alice"));
}

}  // namespace
}  // namespace emostream::api

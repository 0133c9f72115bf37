#include "base/throttle.hpp"

#include <gtest/gtest.h>

namespace emostream {
namespace {

TEST(throttle, passes_one_per_interval_and_counts_the_rest) {
  const time_point start{};
  throttle t(milliseconds(1000));
  EXPECT_EQ(t.pass(start), 0U);
  EXPECT_FALSE(t.pass(start));
  EXPECT_FALSE(t.pass(start + milliseconds(999)));
  EXPECT_EQ(t.pass(start + milliseconds(1000)), 2U);
  EXPECT_FALSE(t.pass(start + milliseconds(1999)));
  EXPECT_EQ(t.pass(start + milliseconds(9000)), 1U);
}

}  // namespace
}  // namespace emostream

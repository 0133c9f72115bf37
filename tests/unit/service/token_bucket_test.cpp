#include "service/token_bucket.hpp"

#include <gtest/gtest.h>

namespace emostream::service {
namespace {

class token_bucket_test : public testing::Test {
 protected:
  int taken(int tries) {
    int n = 0;
    for (int i = 0; i < tries; ++i) n += bucket.take(now);
    return n;
  }
  time_point now{std::chrono::hours(1)};
  token_bucket bucket{10, 3};
};

TEST_F(token_bucket_test, starts_full) {
  EXPECT_EQ(taken(10), 3);
}

TEST_F(token_bucket_test, fills_at_the_rate) {
  taken(10);
  now += milliseconds(99);
  EXPECT_EQ(taken(10), 0);
  now += milliseconds(1);
  EXPECT_EQ(taken(10), 1);
  now += milliseconds(200);
  EXPECT_EQ(taken(10), 2);
}

TEST_F(token_bucket_test, saves_no_more_than_the_burst) {
  taken(10);
  now += std::chrono::hours(1);
  EXPECT_EQ(taken(10), 3);
}

TEST_F(token_bucket_test, never_refuses_a_client_that_keeps_the_rate) {
  taken(10);
  for (int i = 0; i < 10'000; ++i) {
    now += milliseconds(100);
    ASSERT_EQ(taken(1), 1) << i;
  }
}

TEST_F(token_bucket_test, lets_ten_a_second_of_thirty_through) {
  int n = 0;
  for (int i = 0; i < 3000; ++i, now += std::chrono::microseconds(33'333)) n += taken(1);
  EXPECT_NEAR(n, 1000, 5);
}

TEST(token_bucket, tokens_may_be_taken_many_at_once) {
  const time_point start{std::chrono::hours(1)};
  token_bucket bucket(1000, 500);
  EXPECT_TRUE(bucket.full(start));
  EXPECT_FALSE(bucket.take(start, 501));
  EXPECT_TRUE(bucket.take(start, 500));
  EXPECT_FALSE(bucket.full(start));
  EXPECT_FALSE(bucket.holds(start + milliseconds(99), 100));
  EXPECT_TRUE(bucket.holds(start + milliseconds(100), 100));
  EXPECT_TRUE(bucket.holds(start + milliseconds(100), 100)) << "to ask takes nothing";
  EXPECT_TRUE(bucket.full(start + milliseconds(500)));
}

}  // namespace
}  // namespace emostream::service

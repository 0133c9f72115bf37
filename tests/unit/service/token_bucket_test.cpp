#include "service/token_bucket.hpp"

#include <gtest/gtest.h>

namespace emostream::service {
namespace {

class token_bucket_test : public testing::Test {
 protected:
  int take_up_to(int tries) {
    int n = 0;
    for (int i = 0; i < tries; ++i) n += bucket.take(now);
    return n;
  }
  time_point now{std::chrono::hours(1)};
  token_bucket bucket{10, 3};
};

TEST_F(token_bucket_test, starts_full) {
  EXPECT_EQ(take_up_to(10), 3);
}

TEST_F(token_bucket_test, refills_at_the_rate) {
  take_up_to(10);
  now += milliseconds(99);
  EXPECT_EQ(take_up_to(10), 0);
  now += milliseconds(1);
  EXPECT_EQ(take_up_to(10), 1);
  now += milliseconds(200);
  EXPECT_EQ(take_up_to(10), 2);
}

TEST_F(token_bucket_test, holds_at_most_the_burst) {
  take_up_to(10);
  now += std::chrono::hours(1);
  EXPECT_EQ(take_up_to(10), 3);
}

TEST_F(token_bucket_test, never_rejects_a_client_that_keeps_the_rate) {
  take_up_to(10);
  for (int i = 0; i < 10'000; ++i) {
    now += milliseconds(100);
    ASSERT_EQ(take_up_to(1), 1) << i;
  }
}

TEST_F(token_bucket_test, allows_ten_of_thirty_requests_per_second) {
  int n = 0;
  for (int i = 0; i < 3000; ++i, now += std::chrono::microseconds(33'333)) n += take_up_to(1);
  EXPECT_NEAR(n, 1000, 5);
}

TEST(token_bucket, can_take_several_tokens_at_once) {
  const time_point start{std::chrono::hours(1)};
  token_bucket bucket(1000, 500);
  EXPECT_TRUE(bucket.is_full(start));
  EXPECT_FALSE(bucket.take(start, 501));
  EXPECT_TRUE(bucket.take(start, 500));
  EXPECT_FALSE(bucket.is_full(start));
  EXPECT_FALSE(bucket.holds(start + milliseconds(99), 100));
  EXPECT_TRUE(bucket.holds(start + milliseconds(100), 100));
  EXPECT_TRUE(bucket.holds(start + milliseconds(100), 100)) << "holds() takes nothing";
  EXPECT_TRUE(bucket.is_full(start + milliseconds(500)));
}

}  // namespace
}  // namespace emostream::service

#include "base/open_files.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace emostream {
namespace {

/// Restores the limits after each test.
struct open_files_test : testing::Test {
  open_files_test() { ::getrlimit(RLIMIT_NOFILE, &before); }
  ~open_files_test() override { ::setrlimit(RLIMIT_NOFILE, &before); }
  static void set_soft(rlim_t value) {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    now.rlim_cur = value;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  static rlim_t soft() {
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    return now.rlim_cur;
  }
  rlimit before{};
};

TEST_F(open_files_test, raises_the_limit) {
  set_soft(64);
  EXPECT_EQ(raise_open_files_limit(100), 100U);
  EXPECT_EQ(soft(), 100U);
}

TEST_F(open_files_test, never_lowers_the_limit) {
  set_soft(64);
  EXPECT_EQ(raise_open_files_limit(10), 64U);
  EXPECT_EQ(soft(), 64U);
}

TEST_F(open_files_test, stops_at_the_hard_limit) {
  set_soft(64);
  EXPECT_EQ(raise_open_files_limit(std::numeric_limits<std::size_t>::max()), before.rlim_max);
  EXPECT_EQ(soft(), before.rlim_max);
}

}  // namespace
}  // namespace emostream

#include "metrics/process.hpp"

#include <cstdio>

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace emostream::metrics {
namespace {

TEST(process, reads_its_own_usage) {
  const auto before = read_process();
  ASSERT_TRUE(before);
  EXPECT_GT(before->resident_bytes, 1'000'000U);
  EXPECT_EQ(before->threads, 1U);
  EXPECT_LE(before->start_time, unix_seconds(wall_clock::now()) + 1);
  EXPECT_GT(before->start_time, unix_seconds(wall_clock::now()) - 86400);
  EXPECT_GT(before->max_fds, before->open_fds);

  std::FILE* file = std::tmpfile();
  ASSERT_TRUE(file);
  EXPECT_EQ(read_process()->open_fds, before->open_fds + 1);
  std::fclose(file);
}

}  // namespace
}  // namespace emostream::metrics

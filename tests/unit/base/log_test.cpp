#include "base/log.hpp"

#include <gtest/gtest.h>

namespace emostream {
namespace {

TEST(log, takes_levels_by_name) {
  EXPECT_TRUE(log::configure("warn", false));
  EXPECT_EQ(spdlog::get_level(), spdlog::level::warn);
  EXPECT_TRUE(log::configure("off", false));
  EXPECT_FALSE(log::configure("loud", false));
}

TEST(log, writes_one_json_object_a_line) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(log::configure("info", true));
  spdlog::info("a \"quoted\" \\ line\nand a second");
  spdlog::default_logger()->flush();
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(R"("level":"info","message":"a \"quoted\" \\ line\u000aand a second"})"),
            std::string::npos)
      << line;
  EXPECT_TRUE(log::configure("off", false));
}

}  // namespace
}  // namespace emostream

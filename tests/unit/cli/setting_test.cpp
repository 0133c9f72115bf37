#include "cli/setting.hpp"

#include <cstddef>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emostream::cli {
namespace {

using namespace std::chrono_literals;

TEST(setting_test, converts_integers_within_their_bounds) {
  std::uint16_t port = 8000;
  const setting s("server.port", port, 0, 65535, "Port.");
  EXPECT_EQ(s.value(), setting_value(std::int64_t{8000}));
  EXPECT_TRUE(s.assign(std::int64_t{65535}));
  EXPECT_EQ(port, 65535);
  EXPECT_FALSE(s.assign(std::int64_t{65536}));
  EXPECT_EQ(port, 65535);
  EXPECT_EQ(s.expected(), "a whole number from 0 to 65535");
  EXPECT_EQ(s.accepted_in_short(), "0 to 65535");
}

TEST(setting_test, has_no_upper_bound_if_unlimited) {
  std::size_t max = 1;
  const setting s("max", max, 1, setting::unlimited, "Maximum.");
  EXPECT_TRUE(s.assign(setting::unlimited));
  EXPECT_EQ(max, static_cast<std::size_t>(setting::unlimited));
  EXPECT_EQ(s.accepted_in_short(), "1 or more");
}

TEST(setting_test, rejects_bounds_that_its_option_cannot_hold) {
  std::uint16_t port = 0;
  EXPECT_THROW(setting("port", port, 0, 65536, ""), std::logic_error);
  EXPECT_THROW(setting("port", port, -1, 65535, ""), std::logic_error);
}

TEST(setting_test, counts_durations_in_the_unit_of_its_key) {
  std::chrono::milliseconds interval = 2s;
  const setting ms("interval_ms", interval, 1, 10'000, "Interval.");
  EXPECT_EQ(ms.value(), setting_value(std::int64_t{2000}));
  EXPECT_TRUE(ms.assign(std::int64_t{500}));
  EXPECT_EQ(interval, 500ms);
  std::chrono::seconds leeway = 30s;
  EXPECT_EQ(setting("leeway_s", leeway, 0, 60, "").value(), setting_value(std::int64_t{30}));
  EXPECT_THROW(setting("leeway_ms", leeway, 0, 60, ""), std::logic_error);
  EXPECT_THROW(setting("interval_s", interval, 0, 60, ""), std::logic_error);
}

TEST(setting_test, rejects_numbers_out_of_range_and_nan) {
  double rate = 1;
  const setting s("rate", rate, 0.5, 1e6, "Rate.");
  EXPECT_TRUE(s.assign(0.5));
  EXPECT_FALSE(s.assign(0.25));
  EXPECT_FALSE(s.assign(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(rate, 0.5);
  EXPECT_EQ(s.expected(), "a number from 0.5 to 1e+06");
}

TEST(setting_test, represents_an_optional_string_without_a_value_as_empty) {
  std::optional<std::string> issuer;
  const setting s("issuer", issuer, "Issuer.");
  EXPECT_EQ(s.value(), setting_value(""));
  EXPECT_TRUE(s.assign("us"));
  EXPECT_EQ(issuer, "us");
  EXPECT_TRUE(s.assign(""));
  EXPECT_EQ(issuer, std::nullopt);
}

TEST(setting_test, switches_an_option_off_and_on_again_with_its_default) {
  std::optional<std::size_t> threshold = 1024;
  const setting s("compression", threshold, "Compress.");
  EXPECT_EQ(s.value(), setting_value(true));
  EXPECT_TRUE(s.assign(false));
  EXPECT_EQ(threshold, std::nullopt);
  EXPECT_TRUE(s.assign(true));
  EXPECT_EQ(threshold, 1024U);
}

TEST(setting_test, sets_a_member_of_an_optional_struct) {
  struct cookie {
    std::string name = "io";
    bool secure = true;
  };
  std::optional<cookie> option;
  const setting s("cookie", option, &cookie::name, "Cookie.");
  EXPECT_EQ(s.value(), setting_value(""));
  EXPECT_TRUE(s.assign("sid"));
  EXPECT_EQ(option->name, "sid");
  EXPECT_TRUE(option->secure);
  EXPECT_TRUE(s.assign(""));
  EXPECT_FALSE(option);
}

TEST(setting_test, accepts_only_the_names_of_choices) {
  enum class headers { x_forwarded, forwarded };
  headers option = headers::x_forwarded;
  const setting by_enum("headers", option,
                        {{"x-forwarded", headers::x_forwarded}, {"forwarded", headers::forwarded}},
                        "Headers.");
  EXPECT_EQ(by_enum.value(), setting_value("x-forwarded"));
  EXPECT_TRUE(by_enum.assign("forwarded"));
  EXPECT_EQ(option, headers::forwarded);
  EXPECT_FALSE(by_enum.assign("both"));
  EXPECT_EQ(by_enum.expected(), "x-forwarded or forwarded");

  std::string level = "info";
  const setting by_name("level", level, {"debug", "info", "off"}, "Level.");
  EXPECT_TRUE(by_name.assign("off"));
  EXPECT_FALSE(by_name.assign("loud"));
  EXPECT_EQ(level, "off");
  EXPECT_EQ(by_name.expected(), "debug, info or off");
}

TEST(setting_test, splits_its_key_into_table_and_name) {
  bool option = false;
  const setting in_table("server.metrics", option, "");
  EXPECT_EQ(in_table.table(), "server");
  EXPECT_EQ(in_table.name(), "metrics");
  const setting outside("dev", option, "");
  EXPECT_EQ(outside.table(), "");
  EXPECT_EQ(outside.name(), "dev");
}

}  // namespace
}  // namespace emostream::cli

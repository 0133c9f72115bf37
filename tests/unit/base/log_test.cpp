#include "base/log.hpp"

#include <limits>
#include <thread>

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "base/utf8.hpp"

namespace emostream {
namespace {

namespace json = boost::json;
using testing::EndsWith;
using testing::HasSubstr;

/// The log output of `write`.
template <class Write>
std::string written(bool as_json, const Write& write, std::string_view level = "info") {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(log::configure(level, as_json));
  write();
  spdlog::default_logger()->flush();
  EXPECT_TRUE(log::configure("off", false));
  return testing::internal::GetCapturedStderr();
}

json::object written_object(const auto& write) {
  const std::string line = written(true, write);
  EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
  return json::parse(line).as_object();
}

TEST(log, accepts_level_names) {
  EXPECT_TRUE(log::configure("warn", false));
  EXPECT_EQ(spdlog::get_level(), spdlog::level::warn);
  EXPECT_TRUE(log::configure("off", false));
  EXPECT_FALSE(log::configure("loud", false));
}

TEST(log, writes_one_json_object_per_line) {
  const auto line = written_object([] { spdlog::info("a \"quoted\" \\ line\nand a second"); });
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("message"), "a \"quoted\" \\ line\nand a second");
  EXPECT_THAT(std::string(line.at("time").as_string()),
              testing::ContainsRegex("^....-..-..T..:..:..\\....[+-]..:..$"));
}

TEST(log, fields_become_json_members) {
  const auto line = written_object([] {
    log::warn("session closed",
              {{"session", std::string("abc")}, {"code", 408}, {"bytes", std::size_t{7}}, {"share", 0.25}});
  });
  EXPECT_EQ(line.at("level"), "warning");
  EXPECT_EQ(line.at("message"), "session closed");
  EXPECT_EQ(line.at("session"), "abc");
  EXPECT_EQ(line.at("code"), 408);
  EXPECT_EQ(line.at("bytes"), 7);
  EXPECT_EQ(line.at("share"), 0.25);
  EXPECT_EQ(line.size(), 7U);
}

TEST(log, fields_do_not_leak_into_other_lines) {
  EXPECT_EQ(written_object([] {
              log::debug("not written", {{"a", 1}});
              std::thread([] { log::info("written", {{"b", 1}}); }).join();
            }).size(),
            4U);
  EXPECT_EQ(written_object([] {
              log::debug("not written", {{"a", 1}});
              spdlog::info("written");
            }).size(),
            3U);
}

TEST(log, text_format_appends_fields) {
  const std::string line = written(false, [] {
    log::info("session opened", {{"user", "ann \"b\""}, {"sessions", 3}});
  });
  EXPECT_THAT(line, EndsWith(" info  session opened user=\"ann \\\"b\\\"\" sessions=3\n"));
}

// User names are untrusted.
const std::vector<std::string> hostile{"line\nfeed",
                                       "\r\n{\"level\":\"error\"}",
                                       "tab\tand nul" + std::string(1, '\0'),
                                       "\x1b[2J\x1b]0;title\x07",
                                       "\xc2\x9b"
                                       "31m",
                                       "\x7f",
                                       "\xff\xfe",
                                       "cut \xe2\x82",
                                       "\xed\xa0\x80",
                                       "\xc0\xaf",
                                       "\xf4\x90\x80\x80",
                                       "\"},{\"",
                                       "\\",
                                       "ü € 😀",
                                       "\xe2\x80\xa8"};

TEST(log, hostile_text_cannot_break_lines_or_json) {
  for (const std::string& text : hostile) {
    for (const bool as_json : {false, true}) {
      const std::string lines = written(as_json, [&] {
        log::info("rejected", {{"user", text}});
        spdlog::info("rejected {}", text);
      });
      EXPECT_EQ(std::ranges::count(lines, '\n'), 2) << lines;
      EXPECT_TRUE(is_utf8(lines)) << lines;
      EXPECT_TRUE(std::ranges::none_of(lines, [](unsigned char c) {
        return (c < 0x20 && c != '\n') || c == 0x7f;
      })) << lines;
      EXPECT_EQ(lines.find("\xc2\x9b"), std::string::npos);
    }
    const auto line = written_object([&] { log::info("rejected", {{"user", text}}); });
    if (is_utf8(text)) {
      EXPECT_EQ(line.at("user").as_string(), text);
    }
    EXPECT_EQ(line.size(), 4U);
  }
}

TEST(log, replaces_invalid_utf8) {
  EXPECT_EQ(written_object([] {
              log::info("x", {{"user",
                               "a\xff"
                               "b\xe2\x82"}});
            }).at("user"),
            "a\uFFFD"
            "b\uFFFD\uFFFD");
}

TEST(log, truncates_long_text) {
  const std::string text(10'000, 'x');
  EXPECT_EQ(written_object([&] {
              log::info("x", {{"user", text}});
            })
                .at("user")
                .as_string(),
            std::string(256, 'x') + "…");
}

TEST(log, writes_infinity_as_null) {
  EXPECT_TRUE(written_object([] {
                log::info("x", {{"d", std::numeric_limits<double>::infinity()}});
              })
                  .at("d")
                  .is_null());
}

}  // namespace
}  // namespace emostream

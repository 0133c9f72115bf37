#include "base/utf8.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

namespace emostream {
namespace {

TEST(utf8, accepts_well_formed_text) {
  for (const std::string_view text :
       {"", "a", "just ASCII, longer than a block of 32 bytes", "é", "€", "😀", "\x7f", "\xc2\x80",
        "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "0123456789abcdef0123456789abcdefé",
        "0123456789abcdef0123456789abcdeé0123456789abcdef0123456789abcdef"})
    EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(utf8, rejects_malformed_text) {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe2\x82",
        "\xe2\x82\x41", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
        "\xf0\x9f\x98\x41", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
        "0123456789abcdef0123456789abcdef\xff", "0123456789abcdef0123456789abcde\xc3"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(utf8, rejects_text_truncated_within_a_character) {
  const std::string text = "é€😀";
  for (const std::size_t n : {1U, 3U, 4U, 6U, 7U, 8U}) EXPECT_FALSE(is_utf8(text.substr(0, n))) << n;
  for (const std::size_t n : {0U, 2U, 5U, 9U}) EXPECT_TRUE(is_utf8(text.substr(0, n))) << n;
}

TEST(utf8, replaces_what_is_ill_formed) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"é€😀", "é€😀"},
      {"a\xff\x80z", "a\uFFFD\uFFFDz"},
      {"cut \xe2\x82", "cut \uFFFD"},
      {"\xf0\x9f\x98\xf0\x9f.", "\uFFFD\uFFFD."},
      {"\xc3\x28", "\uFFFD("},
      {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},
      {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(replace_ill_formed_utf8(text), expected) << text;
    EXPECT_TRUE(is_utf8(expected));
  }
}

}  // namespace
}  // namespace emostream

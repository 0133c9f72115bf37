#include "socketio/json.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>

#include "socketio/error.hpp"

namespace emostream::socketio {
namespace {

std::string written(const boost::json::value& v) {
  std::string out;
  write_json(out, v);
  return out;
}

std::string round_trip(std::string_view text) {
  const auto parsed = parse_json(text, 32);
  return parsed ? written(*parsed) : parsed.error().message();
}

TEST(json, comes_back_as_it_was) {
  for (const std::string text : {"null",
                                 "true",
                                 "false",
                                 "0",
                                 "-1",
                                 "18446744073709551615",
                                 "-9223372036854775808",
                                 "0.1",
                                 "0.3",
                                 "1.5e-07",
                                 "-428.56348770279476",
                                 "9.029540831152985",
                                 "\"\"",
                                 "\"text\"",
                                 "[]",
                                 "{}",
                                 "[[],{}]",
                                 R"({"a":[1,"b",{"c":null}],"d":false})",
                                 R"("\"\\\b\f\n\r\t\u0001")",
                                 "\"\xc3\xa4 \xf0\x9f\x98\x80\""})
    EXPECT_EQ(round_trip(text), text);
}

TEST(json, leaves_white_space_out) {
  EXPECT_EQ(round_trip(" [ 1 ,\n{ \"a\" : 2 } ] "), R"([1,{"a":2}])");
}

TEST(json, unescapes_and_escapes_no_more_than_needed) {
  EXPECT_EQ(round_trip(R"("\u0041\/\ud83d\ude00\u001f")"), "\"A/\xf0\x9f\x98\x80\\u001f\"");
}

TEST(json, takes_halves_of_surrogate_pairs_as_unknown_characters) {
  const std::string unknown = "\xef\xbf\xbd";
  EXPECT_EQ(round_trip(R"(["\ud83d"])"), R"([")" + unknown + R"("])");
  EXPECT_EQ(round_trip(R"("\uDE00a\uD83d\u0041\ud83d\ud83d\ude00")"),
            '"' + unknown + "a" + unknown + "A" + unknown + "\xf0\x9f\x98\x80\"");
  EXPECT_EQ(round_trip(R"({"\ud83d":"\\ud83d\\\ud83d"})"),
            R"({")" + unknown + R"(":"\\ud83d\\)" + unknown + R"("})");
  EXPECT_EQ(parse_json(R"(["\ud83d)", 32).error(), error::bad_json);
  EXPECT_EQ(parse_json(R"(["\ud8")", 32).error(), error::bad_json);
}

TEST(json, keeps_strings_whole_wherever_the_escape_is) {
  for (std::size_t size : {0, 1, 31, 32, 33, 64, 100})
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\n';
      const auto parsed = parse_json(written(boost::json::value(text)), 32);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(std::string_view(parsed->as_string()), text);
    }
}

TEST(json, writes_what_is_no_number_as_null) {
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::nan("")), "null");
}

TEST(json, refuses_what_is_not_one_document) {
  for (const std::string text : {"", " ", "[", "[1", "[1,]", "{\"a\"}", "nul", "1 2", "[1]x", "'a'",
                                 "// c\n1", "NaN", "01", "\"a\nb\""})
    EXPECT_EQ(parse_json(text, 32).error(), error::bad_json) << text;
}

TEST(json, refuses_to_go_deeper_than_allowed) {
  EXPECT_TRUE(parse_json("[[[]]]", 3));
  EXPECT_EQ(parse_json("[[[[]]]]", 3).error(), error::bad_json);
  EXPECT_EQ(parse_json(std::string(100'000, '['), 32).error(), error::bad_json);
}

}  // namespace
}  // namespace emostream::socketio

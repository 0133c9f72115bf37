#include "socketio/json.hpp"

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
  const auto parsed = parse_json(text, {});
  return parsed ? written(*parsed) : parsed.error().message();
}

TEST(json, round_trips) {
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

TEST(json, writes_no_white_space) {
  EXPECT_EQ(round_trip(" [ 1 ,\n{ \"a\" : 2 } ] "), R"([1,{"a":2}])");
}

TEST(json, escapes_only_what_must_be_escaped) {
  EXPECT_EQ(round_trip(R"("\u0041\/\ud83d\ude00\u001f")"), "\"A/\xf0\x9f\x98\x80\\u001f\"");
}

TEST(json, replaces_lone_surrogates) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(round_trip(R"(["\ud83d"])"), R"([")" + replacement + R"("])");
  EXPECT_EQ(round_trip(R"("\uDE00a\uD83d\u0041\ud83d\ud83d\ude00")"),
            '"' + replacement + "a" + replacement + "A" + replacement + "\xf0\x9f\x98\x80\"");
  EXPECT_EQ(round_trip(R"({"\ud83d":"\\ud83d\\\ud83d"})"),
            R"({")" + replacement + R"(":"\\ud83d\\)" + replacement + R"("})");
  EXPECT_EQ(parse_json(R"(["\ud83d)", {}).error(), error::bad_json);
  EXPECT_EQ(parse_json(R"(["\ud8")", {}).error(), error::bad_json);
}

TEST(json, escapes_at_every_position) {
  for (std::size_t size : {0, 1, 31, 32, 33, 64, 100})
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      text[at] = '\n';
      const auto parsed = parse_json(written(boost::json::value(text)), {});
      ASSERT_TRUE(parsed);
      EXPECT_EQ(std::string_view(parsed->as_string()), text);
    }
}

TEST(json, rejects_invalid_json) {
  for (const std::string text : {"", " ", "[", "[1", "[1,]", "{\"a\"}", "nul", "1 2", "[1]x", "'a'",
                                 "// c\n1", "NaN", "01", "\"a\nb\""})
    EXPECT_EQ(parse_json(text, {}).error(), error::bad_json) << text;
}

TEST(json, limits_the_nesting_depth) {
  EXPECT_TRUE(parse_json("[[[]]]", {.depth = 3}));
  EXPECT_EQ(parse_json("[[[[]]]]", {.depth = 3}).error(), error::bad_json);
  EXPECT_EQ(parse_json(std::string(100'000, '['), {}).error(), error::bad_json);
}

TEST(json, limits_the_members_of_an_object) {
  EXPECT_TRUE(parse_json(R"([{"a":1,"b":{"c":1,"d":2}}])", {.object_members = 2}));
  EXPECT_EQ(parse_json(R"([{"a":1,"b":2,"c":3}])", {.object_members = 2}).error(), error::too_many_members);
  EXPECT_EQ(parse_json(R"({"a":1,"a":2,"a":3})", {.object_members = 2}).error(), error::too_many_members);
}

TEST(json, limits_the_number_of_values) {
  EXPECT_TRUE(parse_json(R"([1,"2",{"a":null}])", {.values = 5}));
  for (const std::string text : {"[1,2,3,4,5]", "[[],[],[],[],[]]", "[{},{},{},{},{}]", R"(["","","","",""])",
                                 "[1e9,1e9,1e9,1e9,1e9]", "[true,null,false,-1,18446744073709551615]"})
    EXPECT_EQ(parse_json(text, {.values = 5}).error(), error::too_many_values) << text;
}

}  // namespace
}  // namespace emostream::socketio

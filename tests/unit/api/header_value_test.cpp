#include "api/header_value.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emostream::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(header_value, has_a_value_and_parameters) {
  const auto parsed = parse_header_value(R"(form-data; name="image"; filename="a;\"b\".jpg" ;x=1)");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value, "form-data");
  EXPECT_THAT(parsed->parameters,
              ElementsAre(Pair("name", "image"), Pair("filename", R"(a;\"b\".jpg)"), Pair("x", "1")));
}

TEST(header_value, ignores_the_case_of_parameter_names) {
  const auto parsed = parse_header_value("Multipart/Form-Data; BOUNDARY=abc; boundary=other");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->value, "Multipart/Form-Data");
  EXPECT_EQ(parsed->parameter("boundary"), "abc");
  EXPECT_EQ(parsed->parameter("charset"), std::nullopt);
}

TEST(header_value, may_have_no_parameters) {
  for (const auto* text : {"image/jpeg", " image/jpeg\t", "image/jpeg;", "image/jpeg ; ;"}) {
    const auto parsed = parse_header_value(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->value, "image/jpeg") << text;
    EXPECT_THAT(parsed->parameters, IsEmpty()) << text;
  }
}

TEST(header_value, rejects_malformed_text) {
  for (const auto* text : {"", " ", ";a=b", "a b", "a;b", "a;=b", "a;b=\"c", "a;b=\"c\\\"", "a;b=c d", "a,b"})
    EXPECT_FALSE(parse_header_value(text)) << text;
}

TEST(header_value, limits_the_number_of_parameters) {
  std::string text = "a";
  for (std::size_t i = 0; i < max_parameters; ++i) text += ";b=c";
  EXPECT_TRUE(parse_header_value(text));
  EXPECT_FALSE(parse_header_value(text + ";b=c"));
}

TEST(same_token, ignores_case) {
  EXPECT_TRUE(same_token("Bearer", "bEARER"));
  EXPECT_FALSE(same_token("Bearer", "Bearers"));
  EXPECT_FALSE(same_token("[", "{"));
}

}  // namespace
}  // namespace emostream::api

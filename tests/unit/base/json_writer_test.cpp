#include "base/json_writer.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace emostream {
namespace {

std::string written(const boost::json::value& v) {
  std::string out;
  write_json(out, v);
  return out;
}

TEST(json_writer, writes_numbers_in_the_shortest_form) {
  constexpr std::pair<double, const char*> numbers[]{{1795986835.346, "1795986835.346"},
                                                     {0.5, "0.5"},
                                                     {0.1, "0.1"},
                                                     {-3.0, "-3"},
                                                     {1e21, "1e+21"},
                                                     {5e-324, "5e-324"}};
  for (const auto& [number, text] : numbers) EXPECT_EQ(written(number), text);
  EXPECT_EQ(written(30'000'000), "30000000");
}

TEST(json_writer, writes_objects_and_arrays_without_white_space) {
  EXPECT_EQ(written({{"a", {1, "b", {{"c", nullptr}}}}, {"d", false}}),
            R"({"a":[1,"b",{"c":null}],"d":false})");
}

TEST(json_writer, appends) {
  std::string out = "42";
  write_json(out, std::string_view("a\"b"));
  EXPECT_EQ(out, R"(42"a\"b")");
}

TEST(json_writer, writes_nan_and_infinities_as_null) {
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::nan("")), "null");
}

TEST(json_writer, writes_ill_formed_utf8_with_replacement_characters) {
  EXPECT_EQ(written("caf\xc3"), "\"caf\uFFFD\"");
  EXPECT_EQ(written(boost::json::object({{"\xff", {"\xff\n"}}})), "{\"\uFFFD\":[\"\uFFFD\\n\"]}");
}

}  // namespace
}  // namespace emostream

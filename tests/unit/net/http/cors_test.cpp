#include "net/http/cors.hpp"

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

request_head head_from(std::string origin, std::string host = "here:8000") {
  request_head head;
  head.method = "GET";
  head.headers = {{"host", std::move(host)}, {"origin", std::move(origin)}};
  return head;
}

TEST(cors_policy, a_star_allows_all_origins) {
  const cors_policy all({"*"});
  EXPECT_TRUE(all.allows(head_from("http://anywhere")));
  EXPECT_TRUE(all.allows(head_from("null")));
  for (const auto& head : {head_from("null"), head_from("http://anywhere"), request_head()})
    EXPECT_EQ(all.header_lines(head), "Access-Control-Allow-Origin: *\r\n");
}

TEST(cors_policy, credentials_require_a_specific_origin) {
  const cors_policy all({"*"}, true);
  EXPECT_EQ(
      all.header_lines(head_from("null")),
      "Vary: Origin\r\nAccess-Control-Allow-Origin: null\r\nAccess-Control-Allow-Credentials: true\r\n");
  EXPECT_EQ(all.header_lines({}), "Vary: Origin\r\n");
  const cors_policy some({"http://friend"}, true);
  EXPECT_EQ(some.header_lines(head_from("http://friend")),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://friend\r\n"
            "Access-Control-Allow-Credentials: true\r\n");
  EXPECT_EQ(some.header_lines(head_from("http://foe")), "Vary: Origin\r\n");
}

TEST(cors_policy, allows_only_listed_origins) {
  const cors_policy some({"http://friend", "null"});
  EXPECT_TRUE(some.allows(head_from("http://friend")));
  EXPECT_TRUE(some.allows(head_from("null")));
  EXPECT_TRUE(some.allows({}));
  for (const auto* stranger :
       {"http://foe", "https://friend", "http://friend:81", "http://friend.foe", "HTTP://FRIEND", ""}) {
    EXPECT_FALSE(some.allows(head_from(stranger))) << stranger;
    EXPECT_EQ(some.header_lines(head_from(stranger)), "Vary: Origin\r\n");
  }
  EXPECT_EQ(some.header_lines(head_from("http://friend")),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://friend\r\n");
  EXPECT_FALSE(cors_policy({}).allows(head_from("null")));
}

TEST(cors_policy, allows_pages_of_this_host) {
  const cors_policy none({});
  EXPECT_TRUE(none.allows(head_from("http://here:8000")));
  EXPECT_TRUE(none.allows(head_from("https://here:8000")));
  EXPECT_FALSE(none.allows(head_from("http://here")));
  EXPECT_FALSE(none.allows(head_from("here:8000")));
}

}  // namespace
}  // namespace emostream::net

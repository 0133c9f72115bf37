#include "net/request.hpp"

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

TEST(set_target, splits_and_decodes) {
  request_head head;
  ASSERT_TRUE(set_target(head, "/a%2Fb/%C3%A9?x=1&y=a+b%2B&x=2&flag&=v"));
  EXPECT_EQ(head.target, "/a%2Fb/%C3%A9?x=1&y=a+b%2B&x=2&flag&=v");
  EXPECT_EQ(head.path, "/a/b/é");
  EXPECT_EQ(head.query.size(), 5U);
  EXPECT_EQ(head.parameter("x"), "1");
  EXPECT_EQ(head.parameter("y"), "a b+");
  EXPECT_EQ(head.parameter("flag"), "");
  EXPECT_EQ(head.parameter("z"), std::nullopt);
}

TEST(set_target, without_a_query) {
  request_head head;
  ASSERT_TRUE(set_target(head, "/"));
  EXPECT_EQ(head.path, "/");
  EXPECT_TRUE(head.query.empty());
  ASSERT_TRUE(set_target(head, "*"));
  EXPECT_EQ(head.path, "*");
}

TEST(set_target, takes_the_form_that_proxies_get) {
  request_head head;
  ASSERT_TRUE(set_target(head, "http://example.org:8000/a?x=1"));
  EXPECT_EQ(head.path, "/a");
  EXPECT_EQ(head.parameter("x"), "1");
  ASSERT_TRUE(set_target(head, "https://example.org"));
  EXPECT_EQ(head.path, "/");
}

TEST(set_target, refuses_what_is_none) {
  request_head head;
  for (const auto* target : {"", "a", "x:80", "ftp://x/", "mailto:x", "http://x/%", "/%", "/%1", "/%zz",
                             "/a b", "/\xff", "/#f", "?x"})
    EXPECT_FALSE(set_target(head, target)) << target;
}

}  // namespace
}  // namespace emostream::net

#include "net/http/request_parsing.hpp"

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

TEST(set_target, accepts_targets_without_a_query) {
  request_head head;
  ASSERT_TRUE(set_target(head, "/"));
  EXPECT_EQ(head.path, "/");
  EXPECT_TRUE(head.query.empty());
  ASSERT_TRUE(set_target(head, "*"));
  EXPECT_EQ(head.path, "*");
}

TEST(set_target, accepts_the_absolute_form) {
  request_head head;
  ASSERT_TRUE(set_target(head, "http://example.org:8000/a?x=1"));
  EXPECT_EQ(head.path, "/a");
  EXPECT_EQ(head.parameter("x"), "1");
  ASSERT_TRUE(set_target(head, "https://example.org"));
  EXPECT_EQ(head.path, "/");
}

TEST(set_target, rejects_invalid_targets) {
  request_head head;
  for (const auto* target : {"", "a", "x:80", "ftp://x/", "mailto:x", "http://x/%", "/%", "/%1", "/%zz",
                             "/a b", "/\xff", "/#f", "?x"})
    EXPECT_FALSE(set_target(head, target)) << target;
}

TEST(set_target, rejects_more_than_a_hundred_parameters) {
  request_head head;
  EXPECT_TRUE(set_target(head, "/?" + std::string(99, '&')));
  EXPECT_EQ(head.query.size(), 100U);
  EXPECT_FALSE(set_target(head, "/?" + std::string(100, '&')));
}

TEST(is_unambiguous, requires_one_host_and_at_most_one_length) {
  using fields = std::vector<std::pair<std::string, std::string>>;
  const auto check = [](fields headers, bool http_1_0 = false) {
    request_head head;
    head.headers = std::move(headers);
    return is_unambiguous(head, http_1_0);
  };
  EXPECT_TRUE(check({{"host", "x"}}));
  EXPECT_TRUE(check({{"host", ""}, {"content-length", "05"}}));
  EXPECT_TRUE(check({{"host", "x"}, {"transfer-encoding", "Chunked"}}));
  EXPECT_TRUE(check({}, true));
  EXPECT_FALSE(check({}));
  EXPECT_FALSE(check({{"host", "x"}, {"host", "x"}}, true));
  EXPECT_FALSE(check({{"transfer-encoding", "chunked"}}, true));
  for (const auto* host : {"x:80", "[::1]:80", "192.0.2.1", "a.example"})
    EXPECT_TRUE(check({{"host", host}})) << host;
  for (const auto* host : {"a b", "a/b", "user@a", "a:b", "[::1", "a,b?"})
    EXPECT_FALSE(check({{"host", host}})) << host;
  for (const auto* length : {"", " 5", "5,5", "+5", "5 "})
    EXPECT_FALSE(check({{"host", "x"}, {"content-length", length}})) << length;
  for (const auto* coding : {"", "gzip", "chunked, gzip", "gzip, chunked", "chunkedx"})
    EXPECT_FALSE(check({{"host", "x"}, {"transfer-encoding", coding}})) << coding;
}

}  // namespace
}  // namespace emostream::net

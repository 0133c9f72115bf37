#include "net/http/bearer_token.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

TEST(bearer_token, follows_the_scheme_in_any_case) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   a.b-c="), "a.b-c=");
}

TEST(bearer_token, is_absent_without_a_header_scheme_or_token) {
  EXPECT_EQ(bearer_token(std::nullopt), std::nullopt);
  for (const char* other : {"", "abc", "Bearer", "Bearer ", "Basic abc", "Bearerabc", " Bearer abc"})
    EXPECT_EQ(bearer_token(other), std::nullopt) << other;
}

}  // namespace
}  // namespace emostream::net

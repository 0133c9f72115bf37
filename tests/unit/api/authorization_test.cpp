#include "api/authorization.hpp"

#include <gtest/gtest.h>

#include "api/responses.hpp"

namespace emostream::api {
namespace {

using namespace std::chrono_literals;

struct authorization_test : testing::Test {
  const auth::token_authority tokens{
      {.secret = "0123456789abcdef0123456789abcdef", .issuer = {}, .audience = {}}};
  const wall_clock::time_point now{1'700'000'000s};

  /// The account, or the reason of the rejection.
  std::string account_or_reason(const std::string& credentials) const {
    const auto claims = authorize({.headers = {{"authorization", credentials}}}, tokens, now);
    if (claims) return claims->subject;
    EXPECT_EQ(claims.error().code, 401);
    return std::string(claims.error().reason);
  }
};

TEST_F(authorization_test, returns_the_account_of_a_valid_token) {
  const auto token = tokens.sign("alice", now, 1h);
  EXPECT_EQ(account_or_reason("Bearer " + token), "alice");
  EXPECT_EQ(account_or_reason("bearer   " + token), "alice");
}

TEST_F(authorization_test, requires_a_token) {
  EXPECT_EQ(authorize({}, tokens, now).error().reason, reason::auth_required);
  for (const auto* none : {"", "Bearer", "Bearer ", "Basic YTpi", "Bearertoken"})
    EXPECT_EQ(account_or_reason(none), reason::auth_required) << none;
}

TEST_F(authorization_test, distinguishes_expired_from_invalid_tokens) {
  EXPECT_EQ(account_or_reason("Bearer " + tokens.sign("alice", now - 2h, 1h)),
            service::reason::token_expired);
  EXPECT_EQ(account_or_reason("Bearer " + tokens.sign("alice", now, 1h) + "x"), reason::auth_failed);
  EXPECT_EQ(account_or_reason("Bearer a b"), reason::auth_failed);
}

}  // namespace
}  // namespace emostream::api

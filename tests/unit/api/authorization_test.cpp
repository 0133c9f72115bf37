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

  service::or_error<auth::claims> authorize(const request_head& head, bool explain = false) const {
    authorizer authorization(tokens, explain,
                             {.steady = [] { return time_point(); }, .wall = [this] { return now; }});
    return authorization.authorize(head);
  }

  /// The account, or the reason of the rejection.
  std::string account_or_reason(const std::string& credentials) const {
    const auto claims = authorize({.headers = {{"authorization", credentials}}});
    if (claims) return claims->subject;
    EXPECT_EQ(claims.error().code, 401);
    return std::string(claims.error().reason);
  }

  /// The message of the rejection.
  std::string message(const std::string& token, bool explain) const {
    return authorize({.headers = {{"authorization", "Bearer " + token}}}, explain).error().message;
  }
};

TEST_F(authorization_test, returns_the_account_of_a_valid_token) {
  const auto token = tokens.sign("alice", now, 1h);
  EXPECT_EQ(account_or_reason("Bearer " + token), "alice");
  EXPECT_EQ(account_or_reason("bearer   " + token), "alice");
}

TEST_F(authorization_test, requires_a_token) {
  EXPECT_EQ(authorize({}).error().reason, reason::auth_required);
  for (const auto* none : {"", "Bearer", "Bearer ", "Basic YTpi", "Bearertoken"})
    EXPECT_EQ(account_or_reason(none), reason::auth_required) << none;
}

TEST_F(authorization_test, distinguishes_expired_from_invalid_tokens) {
  EXPECT_EQ(account_or_reason("Bearer " + tokens.sign("alice", now - 2h, 1h)),
            service::reason::token_expired);
  EXPECT_EQ(account_or_reason("Bearer " + tokens.sign("alice", now, 1h) + "x"), reason::auth_failed);
  EXPECT_EQ(account_or_reason("Bearer a b"), reason::auth_failed);
}

TEST_F(authorization_test, explains_rejections_only_if_asked_to) {
  const auto forged = auth::token_authority({.secret = std::string(32, 'x'), .issuer = {}, .audience = {}});
  const auto token = forged.sign("alice", now, 1h);
  EXPECT_EQ(message(token, false), "Authentication failed");
  EXPECT_EQ(message(token, true), "Authentication failed: signature does not verify");
  EXPECT_EQ(message("x", true), "Authentication failed: not a valid JSON Web Token");
  EXPECT_EQ(message(tokens.sign("alice", now - 2h, 1h), true), "Token expired");
}

}  // namespace
}  // namespace emostream::api

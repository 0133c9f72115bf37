#include "cli/authority.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emostream::cli {
namespace {

using namespace std::chrono_literals;

TEST(authority, requires_a_secret_outside_development_mode) {
  EXPECT_THROW(make_authority({}, false), config_error);
}

TEST(authority, rejects_a_short_secret_and_names_the_setting) {
  settings s;
  s.token.secret = std::string(31, 'x');
  for (const bool development : {false, true}) {
    try {
      make_authority(s, development);
      FAIL() << "accepted a short secret";
    } catch (const config_error& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("EMOSTREAM_JWT_SECRET"));
      EXPECT_THAT(e.what(), testing::HasSubstr("31"));
    }
  }
}

TEST(authority, requires_issuer_and_audience_only_if_they_are_configured) {
  const auto now = wall_clock::now();
  settings plain;
  plain.token.secret = std::string(32, 'x');
  settings strict = plain;
  strict.token.issuer = "us";
  strict.token.audience = "them";
  const auto from_plain = make_authority(plain, false).sign("ann", now, 60s);
  const auto from_strict = make_authority(strict, false).sign("ann", now, 60s);
  EXPECT_TRUE(make_authority(plain, false).verify(from_plain, now));
  EXPECT_TRUE(make_authority(strict, false).verify(from_strict, now));
  EXPECT_FALSE(make_authority(strict, false).verify(from_plain, now));
}

}  // namespace
}  // namespace emostream::cli

#include "auth/token.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.hpp"

namespace emostream::auth {
namespace {

using std::chrono::seconds;

const std::string secret = "0123456789abcdef0123456789abcdef";
constexpr std::int64_t issued = 1'700'000'000;

// Made with the openssl command: {"alg":"HS256","typ":"JWT"} and
// {"sub":"alice","iat":1700000000,"exp":1700003600}.
constexpr std::string_view known =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiJhbGljZSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ"
    ".B5vWXHhsUo6l84gIB5FOXK0ItITzejyoRjel1C1Oyfs";

wall_clock::time_point at(std::int64_t s) {
  return wall_clock::time_point(seconds(s));
}

std::string base64url(std::string_view bytes) {
  std::string out = base64::encode(bytes);
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

std::string hmac(std::string_view text, const EVP_MD* digest, const std::string& key = secret) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

/// Signs any payload, including invalid ones.
std::string token(std::string_view payload, std::string_view header = R"({"alg":"HS256","typ":"JWT"})",
                  const EVP_MD* digest = EVP_sha256()) {
  const std::string text = base64url(header) + '.' + base64url(payload);
  return text + '.' + base64url(hmac(text, digest));
}

std::error_code verify_error(const token_authority& authority, std::string_view text,
                             std::int64_t now = issued) {
  const auto verified = authority.verify(text, at(now));
  return verified ? std::error_code() : verified.error();
}

class token_test : public testing::Test {
 protected:
  token_options options{.secret = secret, .issuer = {}, .audience = {}};
  token_authority authority{options};
};

TEST_F(token_test, verifies_a_token_of_another_implementation) {
  const auto verified = authority.verify(known, at(issued));
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->subject, "alice");
  EXPECT_EQ(verified->expires_at, at(1'700'003'600));
  EXPECT_FALSE(verified->rooms);
}

TEST_F(token_test, verifies_what_it_signs) {
  const std::string text = authority.sign("alice", at(issued), seconds(3600));
  const auto verified = authority.verify(text, at(issued));
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->subject, "alice");
  EXPECT_EQ(verified->expires_at, at(1'700'003'600));
}

TEST_F(token_test, signs_the_configured_issuer_and_audience) {
  const token_authority strict({.secret = secret, .issuer = "me", .audience = "you"});
  EXPECT_TRUE(strict.verify(strict.sign("a", at(issued), seconds(60)), at(issued)));
  EXPECT_EQ(verify_error(strict, authority.sign("a", at(issued), seconds(60))), token_error::wrong_issuer);
}

TEST_F(token_test, does_not_sign_a_subject_with_a_null_character) {
  EXPECT_THROW((void)authority.sign(std::string_view("a\0b", 3), at(issued), seconds(60)),
               std::invalid_argument);
}

TEST_F(token_test, requires_a_secret_as_long_as_the_digest) {
  EXPECT_THROW(token_authority({.secret = secret.substr(1), .issuer = {}, .audience = {}}),
               std::invalid_argument);
}

TEST_F(token_test, rejects_text_that_is_not_a_token) {
  for (const std::string_view text :
       {"", ".", "..", "...", "a.b", "a.b.c", "abc", "Bearer x.y.z", "e30.e30."})
    EXPECT_TRUE(verify_error(authority, text) == token_error::malformed ||
                verify_error(authority, text) == token_error::wrong_algorithm)
        << text;
  EXPECT_EQ(verify_error(authority, std::string(known) + "."), token_error::malformed);
  EXPECT_EQ(verify_error(authority, std::string(known) + "="), token_error::malformed);
  EXPECT_EQ(verify_error(authority, std::string(known) + " "), token_error::malformed);
  EXPECT_EQ(verify_error(authority, std::string_view("\0\0.\0.\0", 7)), token_error::malformed);
}

TEST_F(token_test, rejects_headers_and_payloads_that_are_not_objects) {
  for (const std::string_view header : {"", "null", "[]", "\"HS256\"", "{", R"({"alg":"HS256"}x)"})
    EXPECT_EQ(verify_error(authority, token(R"({"sub":"a","exp":1700003600})", header)),
              token_error::malformed)
        << header;
  for (const std::string_view payload : {"", "null", "[]", "42", "{\"sub\":", "\xff\xfe"})
    EXPECT_EQ(verify_error(authority, token(payload)), token_error::malformed) << payload;
}

TEST_F(token_test, rejects_other_algorithms_with_any_signature) {
  const std::string payload = R"({"sub":"a","exp":1700003600})";
  EXPECT_EQ(verify_error(authority, token(payload, R"({"alg":"HS512","typ":"JWT"})", EVP_sha512())),
            token_error::wrong_algorithm);
  for (const std::string_view header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"NONE","typ":"JWT"})", R"({"alg":"hs256"})",
        R"({"alg":"RS256"})", R"({"alg":"ES256"})", R"({"alg":""})", R"({"alg":256})", R"({"alg":null})",
        R"({})"})
    EXPECT_EQ(verify_error(authority, token(payload, header)), token_error::wrong_algorithm) << header;
  const std::string unsigned_token = base64url(R"({"alg":"none"})") + '.' + base64url(payload) + '.';
  EXPECT_EQ(verify_error(authority, unsigned_token), token_error::wrong_algorithm);
}

TEST_F(token_test, rejects_unknown_types_and_extensions) {
  const std::string payload = R"({"sub":"a","exp":1700003600})";
  EXPECT_TRUE(authority.verify(token(payload, R"({"alg":"HS256"})"), at(issued)));
  EXPECT_TRUE(authority.verify(token(payload, R"({"alg":"HS256","typ":"jwt","kid":"1"})"), at(issued)));
  EXPECT_EQ(verify_error(authority, token(payload, R"({"alg":"HS256","typ":"JWE"})")),
            token_error::malformed);
  EXPECT_EQ(verify_error(authority, token(payload, R"({"alg":"HS256","typ":1})")), token_error::malformed);
  EXPECT_EQ(verify_error(authority, token(payload, R"({"alg":"HS256","crit":["exp"]})")),
            token_error::malformed);
}

TEST_F(token_test, rejects_a_change_of_any_character) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    std::string changed(known);
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    EXPECT_TRUE(verify_error(authority, changed)) << i;
  }
}

TEST_F(token_test, rejects_truncated_signatures_and_those_of_another_secret) {
  const token_authority other({.secret = std::string(32, 'x'), .issuer = {}, .audience = {}});
  EXPECT_EQ(verify_error(other, known), token_error::bad_signature);
  const std::string without_signature(known.substr(0, known.rfind('.') + 1));
  EXPECT_EQ(verify_error(authority, without_signature), token_error::bad_signature);
  EXPECT_EQ(verify_error(authority, without_signature + "B5vW"), token_error::bad_signature);
}

TEST_F(token_test, checks_the_signature_before_the_claims) {
  const token_authority other({.secret = std::string(32, 'x'), .issuer = "someone", .audience = {}});
  EXPECT_EQ(verify_error(other, known, issued + 100'000), token_error::bad_signature);
}

TEST_F(token_test, requires_a_numeric_expiry) {
  EXPECT_EQ(verify_error(authority, token(R"({"sub":"a"})")), token_error::missing_expiry);
  for (const std::string_view exp : {"\"1700003600\"", "null", "true", "[]", "{}"})
    EXPECT_EQ(verify_error(authority, token(R"({"sub":"a","exp":)" + std::string(exp) + "}")),
              token_error::malformed)
        << exp;
}

TEST_F(token_test, handles_fractional_and_extreme_dates) {
  EXPECT_TRUE(authority.verify(token(R"({"sub":"a","exp":1700003600.75})"), at(issued)));
  EXPECT_TRUE(authority.verify(token(R"({"sub":"a","exp":1e18})"), at(issued)));
  EXPECT_TRUE(
      verify_error(authority, token(R"({"sub":"a","exp":18446744073709551615})")));  // too large for libjwt
  EXPECT_TRUE(verify_error(authority, token(R"({"sub":"a","exp":1e999})")));
  EXPECT_EQ(verify_error(authority, token(R"({"sub":"a","exp":-1})")), token_error::expired);
  EXPECT_EQ(verify_error(authority, token(R"({"sub":"a","exp":-1e300})")), token_error::expired);
}

TEST_F(token_test, expires_after_the_leeway) {
  EXPECT_FALSE(verify_error(authority, known, 1'700'003'600 + 29));
  EXPECT_EQ(verify_error(authority, known, 1'700'003'600 + 30), token_error::expired);
}

TEST_F(token_test, is_not_valid_before_nbf_less_the_leeway) {
  const std::string text = token(R"({"sub":"a","exp":1700003600,"nbf":1700000100})");
  EXPECT_EQ(verify_error(authority, text, issued + 69), token_error::not_yet_valid);
  EXPECT_FALSE(verify_error(authority, text, issued + 70));
  EXPECT_EQ(verify_error(authority, token(R"({"sub":"a","exp":1700003600,"nbf":"now"})")),
            token_error::malformed);
}

TEST_F(token_test, requires_a_subject_that_is_a_string) {
  EXPECT_EQ(verify_error(authority, token(R"({"exp":1700003600})")), token_error::missing_subject);
  EXPECT_EQ(verify_error(authority, token(R"({"exp":1700003600,"sub":""})")), token_error::missing_subject);
  EXPECT_EQ(verify_error(authority, token(R"({"exp":1700003600,"sub":42})")), token_error::malformed);
  EXPECT_EQ(verify_error(authority, token(R"({"exp":1700003600,"sub":null})")), token_error::malformed);
}

TEST_F(token_test, requires_the_configured_issuer) {
  const token_authority strict({.secret = secret, .issuer = "https://me", .audience = {}});
  EXPECT_EQ(verify_error(strict, known), token_error::wrong_issuer);
  EXPECT_EQ(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"iss":"https://you"})")),
            token_error::wrong_issuer);
  EXPECT_EQ(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"iss":["https://me"]})")),
            token_error::wrong_issuer);
  EXPECT_FALSE(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"iss":"https://me"})")));
}

TEST_F(token_test, requires_the_configured_audience_alone_or_in_a_list) {
  const token_authority strict({.secret = secret, .issuer = {}, .audience = "emo"});
  EXPECT_EQ(verify_error(strict, known), token_error::wrong_audience);
  for (const std::string_view aud : {"\"other\"", "[]", "[\"other\"]", "[1,null]", "1", "{\"emo\":1}"})
    EXPECT_EQ(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"aud":)" + std::string(aud) + "}")),
              token_error::wrong_audience)
        << aud;
  EXPECT_FALSE(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"aud":"emo"})")));
  EXPECT_FALSE(verify_error(strict, token(R"({"sub":"a","exp":1700003600,"aud":["other",1,"emo"]})")));
}

TEST_F(token_test, ignores_issuer_and_audience_if_none_is_configured) {
  EXPECT_FALSE(verify_error(authority, token(R"({"sub":"a","exp":1700003600,"aud":"x","iss":"y"})")));
}

TEST_F(token_test, reads_the_rooms_that_the_account_may_join) {
  const auto verified = authority.verify(
      token(R"({"sub":"a","exp":1700003600,"rooms":["r1",{"room":"r2","role":"viewer"},{"room":"r3"}]})"),
      at(issued));
  ASSERT_TRUE(verified);
  EXPECT_THAT(verified->rooms, testing::Optional(testing::ElementsAre(
                                   room_claim{"r1", {}}, room_claim{"r2", "viewer"}, room_claim{"r3", {}})));
  for (const std::string_view rooms :
       {R"("r1")", "[1]", "[{}]", R"([{"role":"viewer"}])", R"([{"room":"r1","role":1}])"})
    EXPECT_EQ(
        verify_error(authority, token(R"({"sub":"a","exp":1700003600,"rooms":)" + std::string(rooms) + "}")),
        token_error::malformed)
        << rooms;
}

TEST_F(token_test, limits_the_lifetime) {
  const token_authority strict(
      {.secret = secret, .issuer = {}, .audience = {}, .leeway = seconds(30), .max_ttl = seconds(3600)});
  EXPECT_FALSE(verify_error(strict, token(R"({"sub":"a","exp":1700003630})")));
  EXPECT_EQ(verify_error(strict, token(R"({"sub":"a","exp":1700003631})")), token_error::lifetime_too_long);
  EXPECT_FALSE(verify_error(authority, token(R"({"sub":"a","exp":9000000000})")));
}

TEST_F(token_test, limits_the_size) {
  const std::string text = token(R"({"exp":1700003600,"sub":")" + std::string(max_token_size, 'a') + "\"}");
  EXPECT_EQ(verify_error(authority, text), token_error::malformed);
}

TEST_F(token_test, every_error_has_a_message) {
  for (int e = 1; e <= static_cast<int>(token_error::wrong_audience); ++e)
    EXPECT_NE(make_error_code(static_cast<token_error>(e)).message(), "unknown token error");
}

}  // namespace
}  // namespace emostream::auth

#include "base/base64.hpp"

#include <gtest/gtest.h>

namespace emostream {
namespace {

TEST(base64, encodes_test_vectors_of_rfc_4648) {
  EXPECT_EQ(base64::encode(""), "");
  EXPECT_EQ(base64::encode("f"), "Zg==");
  EXPECT_EQ(base64::encode("fo"), "Zm8=");
  EXPECT_EQ(base64::encode("foo"), "Zm9v");
  EXPECT_EQ(base64::encode("foobar"), "Zm9vYmFy");
}

TEST(base64, round_trips) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t length = 0; length <= all.size(); ++length)
    EXPECT_EQ(base64::decode(base64::encode(all.substr(0, length))), all.substr(0, length));
}

TEST(base64, rejects_invalid_input) {
  for (const char* bad :
       {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v\n", " Zm9", "Zm 9", "Zm=v", "Zm-_", "Zg==Zg=="})
    EXPECT_FALSE(base64::decode(bad)) << bad;
}

std::string forgiven(std::string_view text) {
  std::string out;
  return base64::decode_forgiving(text, out) ? out : "invalid";
}

TEST(base64, can_forgive_missing_padding_and_white_space) {
  for (const char* text :
       {"Zm9vYg==", "Zm9vYg", "Zm9vYg=", " Zm9v\r\nYg==\n", "\tZm 9v\fYg", "Zm9vYg= =", "Zm9vYg=\n="})
    EXPECT_EQ(forgiven(text), "foob") << text;
  EXPECT_EQ(forgiven("Zm9v="), "foo");
  EXPECT_EQ(forgiven("Zm9v=="), "foo");
  EXPECT_EQ(forgiven("Zg==="), "f");
  EXPECT_EQ(forgiven("="), "");
  EXPECT_EQ(forgiven(""), "");
  EXPECT_EQ(forgiven(" \n"), "");
}

TEST(base64, can_forgive_the_alphabet_of_urls) {
  const std::string bytes = "\xfb\xff\xfe\x3f";
  EXPECT_EQ(forgiven(base64::encode(bytes)), bytes);
  EXPECT_EQ(forgiven("-__-Pw"), bytes);
  EXPECT_EQ(forgiven("-_/+Pw=="), bytes);
}

TEST(base64, does_not_forgive_other_characters) {
  for (const char* text : {"Z", "====", "===", "Zm=v", "Zm9v!", "Zm9v\v", "Zm.9", "Zg==Zg=="})
    EXPECT_EQ(forgiven(text), "invalid") << text;
}

}  // namespace
}  // namespace emostream

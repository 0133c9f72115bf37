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

}  // namespace
}  // namespace emostream

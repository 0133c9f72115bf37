#include "net/resolve.hpp"

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

TEST(resolve, returns_an_address_unchanged) {
  for (const auto* address : {"127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:192.0.2.1"})
    EXPECT_EQ(resolve(address).value().to_string(), address);
}

TEST(resolve, looks_up_a_name) {
  EXPECT_TRUE(resolve("localhost").value().is_loopback());
}

TEST(resolve, returns_the_error_for_a_name_that_is_empty_or_unknown) {
  EXPECT_EQ(resolve("").error(), std::errc::invalid_argument);
  const auto unknown = resolve("no..name");  // invalid, so that no name server is asked
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message(), "");
}

}  // namespace
}  // namespace emostream::net

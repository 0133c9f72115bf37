#include "net/address.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

auto address(const char* text) {
  return boost::asio::ip::make_address(text);
}

TEST(address_counter, counts_each_address_up_to_the_limit) {
  address_counter c(2);
  auto one = c.take(address("192.0.2.1"));
  auto two = c.take(address("192.0.2.1"));
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(c.take(address("192.0.2.1")));
  EXPECT_TRUE(c.take(address("192.0.2.2")));
  two.reset();
  EXPECT_TRUE(c.take(address("192.0.2.1")));
}

TEST(address_counter, counts_an_ipv6_64_prefix_as_one_address) {
  address_counter c(1);
  const auto held = c.take(address("2001:db8:1:2::1"));
  EXPECT_FALSE(c.take(address("2001:db8:1:2:ffff:ffff:ffff:ffff")));
  EXPECT_TRUE(c.take(address("2001:db8:1:3::1")));
}

TEST(address_counter, counts_a_mapped_address_as_ipv4) {
  address_counter c(1);
  const auto held = c.take(address("::ffff:192.0.2.1"));
  EXPECT_FALSE(c.take(address("192.0.2.1")));
  EXPECT_TRUE(c.take(address("::ffff:192.0.2.2")));
}

TEST(address_counter, forgets_an_address_when_its_last_slot_is_released) {
  address_counter c(10);
  {
    std::vector<address_counter::slot> held;
    for (unsigned i = 0; i < 1000; ++i) {
      const boost::asio::ip::address_v4 a(0x0A000000 + i);
      held.push_back(std::move(*c.take(a)));
      held.push_back(std::move(*c.take(a)));
    }
    EXPECT_EQ(c.size(), 1000U);
  }
  EXPECT_EQ(c.size(), 0U);
}

TEST(address_counter, counts_nothing_without_a_limit) {
  address_counter c(0);
  std::vector<address_counter::slot> held;
  for (int i = 0; i < 100; ++i) held.push_back(std::move(*c.take(address("192.0.2.1"))));
  EXPECT_EQ(c.size(), 0U);
}

}  // namespace
}  // namespace emostream::net

#include "net/http/head_scanner.hpp"

#include <string>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

using status = head_scanner::status;

constexpr std::string_view good = "GET / HTTP/1.1\r\nHost: x\r\nX: \ta\xc3\xa9 \r\n\r\n";

TEST(head_scanner, finds_the_end_for_any_split_of_the_bytes) {
  const std::string more = std::string(good) + "body\n\n";
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    head_scanner scanner(10);
    ASSERT_EQ(scanner.scan(good.substr(0, cut)), status::incomplete) << cut;
    ASSERT_EQ(scanner.scan(more), status::complete) << cut;
    ASSERT_EQ(scanner.size(), good.size());
  }
  head_scanner scanner(10);
  for (std::size_t size = 1; size < good.size(); ++size)
    ASSERT_EQ(scanner.scan(good.substr(0, size)), status::incomplete);
  EXPECT_EQ(scanner.scan(good), status::complete);
}

TEST(head_scanner, rejects_malformed_heads_at_the_first_invalid_byte) {
  for (const std::string bad :
       {"\n", "\r\n", "GET\n", "GET / HTTP/1.1\r\nHost: x\n", "GET\r ", "G\rE", "GET /\x01", "GET /\x7f",
        "GET / HTTP/1.1\r\n ", "GET / HTTP/1.1\r\n\t", "a\r\nb\r\n "}) {
    head_scanner scanner(10);
    EXPECT_EQ(scanner.scan(bad.substr(0, bad.size() - 1)), status::incomplete);
    EXPECT_EQ(scanner.scan(bad), status::malformed) << bad;
  }
  EXPECT_EQ(head_scanner(10).scan(std::string_view("GET /\0", 6)), status::malformed);
}

TEST(head_scanner, limits_the_number_of_fields) {
  EXPECT_EQ(head_scanner(2).scan(good), status::complete);
  EXPECT_EQ(head_scanner(1).scan(good), status::too_many_fields);
}

}  // namespace
}  // namespace emostream::net

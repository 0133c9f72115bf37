#include "net/websocket/websocket_frame.hpp"

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

using namespace std::string_literals;

std::string header(opcode type, std::size_t size) {
  std::string out;
  append_frame_header(out, type, size);
  EXPECT_LE(out.size(), max_frame_header);
  return out;
}

TEST(websocket_frame, writes_the_shortest_header) {
  EXPECT_EQ(header(opcode::text, 0), "\x81\x00"s);
  EXPECT_EQ(header(opcode::binary, 125), "\x82\x7d"s);
  EXPECT_EQ(header(opcode::text, 126), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(header(opcode::binary, 256), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(header(opcode::binary, 65'535), "\x82\x7e\xff\xff"s);
  EXPECT_EQ(header(opcode::binary, 65'536), "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

TEST(websocket_frame, writes_close_codes_in_network_byte_order) {
  EXPECT_EQ(close_frame_content(close_code::normal), "\x03\xe8");
  EXPECT_EQ(close_frame_content(close_code::too_big), "\x03\xf1");
}

TEST(websocket_frame, computes_the_accept_value_of_the_rfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

}  // namespace
}  // namespace emostream::net

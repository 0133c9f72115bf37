#include "net/websocket/websocket_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "net/websocket/masked_frame.hpp"

namespace emostream::net {
namespace {

/// The messages and control frames that next() returns, as `<opcode>:<content>;` (long contents as
/// `#<size>`), and its error as `!<code>`.
std::string read(websocket_reader& r) {
  std::string all;
  while (true) {
    const auto next = r.next();
    if (!next) return all + "!" + std::to_string(static_cast<int>(next.error()));
    if (!*next) return all;
    const auto content = (*next)->content;
    all += std::to_string(static_cast<int>((*next)->type)) + ":" +
           (content.size() > 100 ? "#" + std::to_string(content.size()) : std::string(content)) + ";";
  }
}

/// Passes `bytes` in steps of at most `step` bytes, and reads after each step.
std::string feed(websocket_reader& r, std::string_view bytes, std::size_t step = 1'000'000'000) {
  std::string all;
  while (!bytes.empty()) {
    std::string received(bytes.substr(0, step));
    bytes.remove_prefix(received.size());
    r.received(received);
    all += read(r);
    if (all.contains('!')) break;
  }
  return all;
}

std::string feed(std::string_view bytes, std::size_t step = 1'000'000'000, std::size_t limit = 1'000'000) {
  websocket_reader r(limit);
  return feed(r, bytes, step);
}

TEST(websocket_reader, parses_the_examples_of_the_rfc) {
  // RFC 6455 section 5.7
  EXPECT_EQ(feed("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "1:Hello;");
  EXPECT_EQ(feed("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), "10:Hello;");
}

TEST(websocket_reader, parses_every_length_encoding) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 511U, 512U, 65'535U, 65'536U, 1'000'000U}) {
    const std::string content(size, 'x');
    const auto expected = size > 100 ? "2:#" + std::to_string(size) + ";" : "2:" + content + ";";
    EXPECT_EQ(feed(masked_frame(0x82, content)), expected);
    EXPECT_EQ(feed(masked_frame(0x82, content) + masked_frame(0x82, content), 1000), expected + expected);
  }
}

TEST(websocket_reader, unmasks_every_byte) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content.push_back(static_cast<char>(i * 7));
  const auto bytes = masked_frame(0x82, content);
  for (const std::size_t step : {1U, 63U, 64U, 65U, 130U, 2000U}) {
    websocket_reader r(1000);
    for (std::string_view rest = bytes; !rest.empty();) {
      std::string received(rest.substr(0, step));
      rest.remove_prefix(received.size());
      r.received(received);
      const auto next = r.next();
      ASSERT_TRUE(next);
      ASSERT_EQ(next->has_value(), rest.empty());
      if (rest.empty()) {
        EXPECT_EQ((*next)->content, content);
      }
    }
  }
}

TEST(websocket_reader, parses_any_split_of_the_bytes) {
  const auto bytes = masked_frame(0x81, "one") + masked_frame(0x01, "tw") + masked_frame(0x89, "ping") +
                     masked_frame(0x00, "") + masked_frame(0x80, "o") +
                     masked_frame(0x82, std::string(200, 'x')) +
                     masked_frame(0x88,
                                  "\x03\xe8"
                                  "bye");
  const std::string expected =
      "1:one;9:ping;1:two;2:#200;8:\x03\xe8"
      "bye;";
  for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(feed(bytes, step), expected) << step;
}

TEST(websocket_reader, accepts_a_character_split_over_two_fragments) {
  EXPECT_EQ(feed(masked_frame(0x01, "\xc3") + masked_frame(0x80, "\xa9")), "1:\xc3\xa9;");
}

TEST(websocket_reader, rejects_invalid_utf8) {
  for (const std::size_t at : {0U, 63U, 64U, 199U}) {
    std::string content(200, 'x');
    content[at] = '\xff';
    EXPECT_EQ(feed(masked_frame(0x81, content)), "!1007") << at;
    EXPECT_EQ(feed(masked_frame(0x81, content), 50), "!1007") << at;
    EXPECT_EQ(feed(masked_frame(0x82, content) + masked_frame(0x81, "ok")), "2:#200;1:ok;") << at;
  }
  EXPECT_EQ(feed(masked_frame(0x01, "\xc3") + masked_frame(0x89, "ping") + masked_frame(0x80, "x")),
            "9:ping;!1007");
  EXPECT_EQ(feed(masked_frame(0x81, "ok") + masked_frame(0x81, "\xff")), "1:ok;!1007");
  EXPECT_EQ(feed(masked_frame(0x01, "\xc3") + masked_frame(0x80, "x")), "!1007");
  EXPECT_EQ(feed(masked_frame(0x88, "\x03\xe8\xff")), "!1007");
  EXPECT_EQ(feed(masked_frame(0x82, "\xff")), "2:\xff;");
}

TEST(websocket_reader, rejects_protocol_violations) {
  using namespace std::string_literals;
  const std::vector<std::string> broken{
      "\x81\x02hi"s,                                      // not masked
      masked_frame(0xC1, ""),                             // compressed
      masked_frame(0x91, ""),                             // another reserved bit
      masked_frame(0x83, ""),                             // a reserved opcode
      masked_frame(0x8B, ""),                             // a reserved control opcode
      masked_frame(0x80, "x"),                            // a continuation without a message
      masked_frame(0x01, "a") + masked_frame(0x81, "b"),  // a new message while one is incomplete
      masked_frame(0x01, "a") + masked_frame(0x02, "b"),  // the same
      masked_frame(0x09, ""),                             // a fragmented control frame
      masked_frame(0x89, std::string(126, 'x')),          // a control frame that is too long
      "\x82\xFE\x00\x7D\x00\x00\x00\x00"s,                // a length that is not minimally encoded
      "\x82\xFF\0\0\0\0\0\0\xFF\xFF\x00\x00\x00\x00"s,    // the same
      "\x82\xFF\x80\0\0\0\0\0\0\0\x00\x00\x00\x00"s,      // a length of 2^63
      masked_frame(0x88, "\x03"),                         // half a close code
      masked_frame(0x88, "\x03\xe7"),                     // close code 999
      masked_frame(0x88, "\x03\xed"),                     // close code 1005
      masked_frame(0x88, "\x03\xf7"),                     // close code 1015
      masked_frame(0x88, "\x13\x88"),                     // close code 5000
  };
  for (const auto& bytes : broken) {
    EXPECT_EQ(feed(bytes), "!1002") << testing::PrintToString(bytes);
    EXPECT_EQ(feed(bytes, 1), "!1002") << testing::PrintToString(bytes);
  }
}

TEST(websocket_reader, accepts_valid_close_codes) {
  for (const auto* code : {"", "\x03\xe8", "\x03\xeb", "\x03\xef", "\x03\xf6", "\x0b\xb8", "\x13\x87"})
    EXPECT_EQ(feed(masked_frame(0x88, code)), std::string("8:") + code + ";");
}

TEST(websocket_reader, rejects_messages_whose_announced_size_exceeds_the_limit) {
  EXPECT_EQ(feed(masked_frame(0x82, "12345"), 1, 5), "2:12345;");
  EXPECT_EQ(feed(masked_frame(0x82, "123456").substr(0, 6), 1, 5), "!1009");
  EXPECT_EQ(feed(masked_frame(0x02, "123") + masked_frame(0x80, "456"), 100, 5), "!1009");
  EXPECT_EQ(feed(masked_frame(0x02, "123") + masked_frame(0x80, "45") + masked_frame(0x82, "12345"), 100, 5),
            "2:12345;2:12345;");
  std::string huge = "\x82\xFF\x7F";
  huge += std::string(7, '\xFF') + "\x01\x01\x01\x01";
  EXPECT_EQ(feed(huge), "!1009");
}

TEST(websocket_reader, allocates_for_received_bytes_not_for_announced_ones) {
  websocket_reader r(1'000'000'000);
  const auto idle = r.capacity();
  EXPECT_LT(idle, 100U);
  const auto bytes = masked_frame(0x82, std::string(1'000'000, 'x'));
  EXPECT_EQ(feed(r, std::string_view(bytes).substr(0, 1000)), "");
  EXPECT_LE(r.capacity(), 4'000U);
  EXPECT_EQ(feed(r, std::string_view(bytes).substr(1000, 100'000), 10'000), "");
  EXPECT_LE(r.capacity(), 404'000U);
  EXPECT_EQ(feed(r, std::string_view(bytes).substr(101'000)), "2:#1000000;");
  EXPECT_EQ(r.capacity(), idle);
  EXPECT_EQ(feed(r, bytes), "2:#1000000;");  // complete: parsed in place
}

TEST(websocket_reader, keeps_input_if_its_buffer_is_used_otherwise) {
  websocket_reader r(1000);
  const auto idle = r.capacity();
  std::string buffer =
      masked_frame(0x81, "first") + masked_frame(0x81, "second") + masked_frame(0x81, "third");
  const std::string rest = buffer.substr(buffer.size() - 3);
  buffer.resize(buffer.size() - 3);
  r.received(buffer);
  EXPECT_EQ((*r.next())->content, "first");
  EXPECT_TRUE(r.has_input());
  r.keep_input();
  r.keep_input();
  buffer.assign(buffer.size(), '?');
  EXPECT_EQ(read(r), "1:second;");
  EXPECT_FALSE(r.has_input());
  EXPECT_EQ(feed(r, rest), "1:third;");
  EXPECT_EQ(r.capacity(), idle);
}

TEST(websocket_reader, a_new_maximum_applies_to_the_next_message) {
  websocket_reader r(2);
  EXPECT_EQ(feed(r, masked_frame(0x81, "ab")), "1:ab;");
  r.set_max_message(3);
  EXPECT_EQ(feed(r, masked_frame(0x81, "abc")), "1:abc;");
  r.set_max_message(2);
  EXPECT_EQ(feed(r, masked_frame(0x81, "abc")), "!1009");
}

}  // namespace
}  // namespace emostream::net

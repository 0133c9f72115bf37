// The cases of the Autobahn test suite that concern the reading of frames by a server that delivers whole
// messages. Each test is named after a section of the suite and its number. Most inputs are read in one
// piece and in several.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "net/websocket/masked_frame.hpp"
#include "net/websocket/websocket_reader.hpp"

namespace emostream::net {
namespace {

using namespace std::string_literals;

constexpr unsigned fin = 0x80;
constexpr unsigned text = 1;
constexpr unsigned binary = 2;
constexpr unsigned ping = 9;
constexpr unsigned pong = 10;

/// The result of reading `bytes` in steps of `step` bytes: `<opcode>:<content> ` for each message or control
/// frame, `!<code>` for a violation.
std::string read(std::string_view bytes, std::size_t step) {
  websocket_reader reader(1'000'000);
  std::string all;
  while (!bytes.empty()) {
    std::string received(bytes.substr(0, step));
    bytes.remove_prefix(received.size());
    reader.received(received);
    while (true) {
      const auto next = reader.next();
      if (!next) return all + '!' + std::to_string(static_cast<int>(next.error()));
      if (!*next) break;
      all += std::to_string(static_cast<int>((*next)->type)) + ':' + std::string((*next)->content) + ' ';
    }
  }
  return all;
}

std::string read(std::string_view bytes) {
  const auto whole = read(bytes, bytes.size());
  for (const std::size_t step : {1U, 2U, 7U, 997U}) EXPECT_EQ(read(bytes, step), whole) << step;
  return whole;
}

TEST(websocket_conformance, framing_1) {
  for (const std::size_t size : {0U, 125U, 126U, 127U, 128U, 65'535U, 65'536U}) {
    const std::string content(size, '*');
    EXPECT_EQ(read(masked_frame(fin | text, content)), "1:" + content + ' ');
    EXPECT_EQ(read(masked_frame(fin | binary, content)), "2:" + content + ' ');
  }
}

TEST(websocket_conformance, pings_and_pongs_2) {
  for (const auto& content : {""s, "Hello"s, "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s, std::string(125, '\xfe')}) {
    EXPECT_EQ(read(masked_frame(fin | ping, content)), "9:" + content + ' ');
    EXPECT_EQ(read(masked_frame(fin | pong, content)), "10:" + content + ' ') << "unsolicited";
  }
  EXPECT_EQ(read(masked_frame(fin | ping, std::string(126, '\xfe'))), "!1002");
  EXPECT_EQ(read(masked_frame(fin | pong, std::string(126, '\xfe'))), "!1002");
  std::string ten;
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    ten += masked_frame(fin | ping, std::to_string(i));
    expected += "9:" + std::to_string(i) + ' ';
  }
  EXPECT_EQ(read(ten), expected);
}

TEST(websocket_conformance, reserved_bits_and_opcodes_3_and_4) {
  for (unsigned first = 0; first < 256; ++first) {
    const unsigned op = first & 0x0f;
    const bool reserved_bits = (first & 0x70) != 0;
    const bool reserved_opcode = (op > 2 && op < 8) || op > 10;
    const bool control_fragment = op >= 8 && (first & fin) == 0;
    const bool continuation_without_message = op == 0;
    const bool invalid = reserved_bits || reserved_opcode || control_fragment || continuation_without_message;
    const auto found =
        read(masked_frame(fin | text, "a") + masked_frame(first, "") + masked_frame(fin | ping, ""));
    EXPECT_TRUE(found.starts_with("1:a ")) << first;
    EXPECT_EQ(found.ends_with("!1002"), invalid) << first;
  }
}

TEST(websocket_conformance, fragmentation_5) {
  EXPECT_EQ(read(masked_frame(ping, "frag") + masked_frame(fin, "ment")), "!1002");
  EXPECT_EQ(read(masked_frame(pong, "frag") + masked_frame(fin, "ment")), "!1002");
  EXPECT_EQ(read(masked_frame(text, "frag") + masked_frame(fin, "ment")), "1:fragment ");
  EXPECT_EQ(read(masked_frame(text, "frag") + masked_frame(fin | ping, "p") + masked_frame(fin, "ment")),
            "9:p 1:fragment ");
  EXPECT_EQ(read(masked_frame(fin, "non-continuation") + masked_frame(fin | text, "x")), "!1002");
  EXPECT_EQ(read(masked_frame(0, "non-continuation") + masked_frame(fin | text, "x")), "!1002");
  EXPECT_EQ(read(masked_frame(text, "one") + masked_frame(fin | text, "two")), "!1002");
  EXPECT_EQ(read(masked_frame(text, "one") + masked_frame(fin | binary, "two")), "!1002");
  EXPECT_EQ(read(masked_frame(text, "") + masked_frame(0, "") + masked_frame(fin, "")), "1: ");
  EXPECT_EQ(read(masked_frame(text, "one") + masked_frame(fin, "two") + masked_frame(fin, "three")),
            "1:onetwo !1002");
  std::string many = masked_frame(binary, "");
  for (int i = 0; i < 1000; ++i)
    many += masked_frame(0, "x") + (i % 100 == 0 ? masked_frame(fin | pong, "") : "");
  EXPECT_TRUE(read(many + masked_frame(fin, "")).ends_with("2:" + std::string(1000, 'x') + ' '));
}

TEST(websocket_conformance, utf8_6) {
  const std::vector<std::string> valid{"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
                                       "\xc2\x80",
                                       "\xe0\xa0\x80",
                                       "\xf0\x90\x80\x80",
                                       "\x7f",
                                       "\xdf\xbf",
                                       "\xef\xbf\xbf",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbd",
                                       "\xef\xbb\xbf",
                                       "\xef\xbf\xbe",
                                       "\xf0\x9f\xbf\xbf",
                                       "\xf3\xbf\xbf\xbe",
                                       "a\0b"s};
  const std::vector<std::string> invalid{
      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
      "edited",
      "\xf8\x88\x80\x80\x80",
      "\xfc\x84\x80\x80\x80\x80",
      "\xf7\xbf\xbf\xbf",
      "\xf4\x90\x80\x80",
      "\x80",
      "\xbf",
      "\x80\xbf",
      "\x80\xbf\x80\xbf\x80",
      "\xc0 ",
      "\xe0 \xe1 ",
      "\xf0 ",
      "\xc0",
      "\xe0\x80",
      "\xf0\x80\x80",
      "\xdf",
      "\xef\xbf",
      "\xf7\xbf\xbf",
      "\xfe",
      "\xff",
      "\xfe\xfe\xff\xff",
      "\xc0\xaf",
      "\xe0\x80\xaf",
      "\xf0\x80\x80\xaf",
      "\xc1\xbf",
      "\xe0\x9f\xbf",
      "\xf0\x8f\xbf\xbf",
      "\xc0\x80",
      "\xed\xa0\x80",
      "\xed\xad\xbf",
      "\xed\xbf\xbf",
      "\xed\xa0\x80\xed\xb0\x80",
      "\xed\xaf\xbf\xed\xbf\xbf",
      "\xc3\x28",
      "\xe2\x28\xa1",
      "\xe2\x82\x28",
      "\xf0\x28\x8c\xbc",
      "\xf0\x90\x28\xbc",
      "\xf0\x28\x8c\x28"};
  // Reads `characters` in one WebSocket frame and split into two at each byte, also with ASCII around them,
  // to reach all branches of the UTF-8 check.
  const auto check = [](const std::string& characters, bool is_valid) {
    for (const std::size_t before : {0U, 7U, 8U, 31U, 33U})
      for (const std::size_t after : {0U, 9U, 40U}) {
        const auto content = std::string(before, 'x') + characters + std::string(after, 'y');
        const auto expected = is_valid ? "1:" + content + ' ' : "!1007";
        ASSERT_EQ(read(masked_frame(fin | text, content)), expected) << testing::PrintToString(content);
        for (std::size_t cut = before; cut <= before + characters.size(); ++cut)
          ASSERT_EQ(
              read(masked_frame(text, content.substr(0, cut)) + masked_frame(fin, content.substr(cut)), 1),
              expected)
              << testing::PrintToString(content);
        ASSERT_EQ(read(masked_frame(fin | binary, content), 5), "2:" + content + ' ');
      }
  };
  for (const auto& characters : valid) check(characters, true);
  for (const auto& characters : invalid) check(characters, false);
}

TEST(websocket_conformance, close_7) {
  const auto code = [](unsigned number) {
    return std::string{static_cast<char>(number >> 8), static_cast<char>(number)};
  };
  EXPECT_EQ(read(masked_frame(fin | 8, "")), "8: ");
  EXPECT_EQ(read(masked_frame(fin | 8, "a")), "!1002");
  const auto reason = code(1000) + std::string(123, 'x');
  EXPECT_EQ(read(masked_frame(fin | 8, reason)), "8:" + reason + ' ');
  EXPECT_EQ(read(masked_frame(fin | 8, reason + 'x')), "!1002");
  EXPECT_EQ(read(masked_frame(fin | 8, code(1000) + "\xce\xba\xe1\xbd\xb9\xed\xa0\x80")), "!1007");
  EXPECT_EQ(read(masked_frame(text, "frag") + masked_frame(fin | 8, code(1000))), "8:" + code(1000) + ' ');
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const bool known = (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014);
    const bool may_be_sent = known || (number >= 3000 && number < 5000);
    ASSERT_EQ(read(masked_frame(fin | 8, code(number)), 100),
              may_be_sent ? "8:" + code(number) + ' ' : "!1002")
        << number;
  }
}

}  // namespace
}  // namespace emostream::net

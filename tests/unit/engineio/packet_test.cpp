#include "engineio/packet.hpp"

#include <random>

#include <gtest/gtest.h>

#include "engineio/error.hpp"

namespace emostream::engineio {
namespace {

std::string payload(std::vector<message> messages) {
  std::vector<packet> packets;
  for (auto& m : messages) packets.push_back(packet::of(std::move(m)));
  return encode_payload(packets);
}

TEST(packet, has_the_type_digits_of_the_protocol) {
  const std::vector<packet_type> types{packet_type::open, packet_type::close,   packet_type::ping,
                                       packet_type::pong, packet_type::message, packet_type::upgrade,
                                       packet_type::noop};
  for (std::size_t i = 0; i < types.size(); ++i) {
    const auto p = packet::of(types[i], "x");
    EXPECT_EQ(p.prefix(), std::to_string(i));
    const auto decoded = decode_websocket(std::to_string(i) + "x", false);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->type, types[i]);
    EXPECT_EQ(decoded->text(), "x");
  }
}

TEST(packet, parses_the_examples_of_the_protocol_document) {
  const auto hello = decode_websocket("4hello", false);
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->text(), "hello");
  EXPECT_FALSE(hello->binary);
  EXPECT_EQ(hello->websocket_size(), 6U);

  const auto bytes = decode_websocket("\x01\x02\x03\x04", true);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->type, packet_type::message);
  EXPECT_TRUE(bytes->binary);
  EXPECT_EQ(bytes->prefix(), "");
  EXPECT_EQ(bytes->websocket_size(), 4U);
}

TEST(packet, data_of_an_empty_message_is_not_null) {
  EXPECT_NE(decode_websocket("4", false)->data, nullptr);
  EXPECT_NE(decode_websocket("", true)->data, nullptr);
  EXPECT_NE(decode_payload("b", 1)->front().data, nullptr);
}

TEST(packet, rejects_malformed_websocket_messages) {
  for (const auto* message_text : {"", "7", "9x", "a", "bAQI", "b*", " 4", "-1", "\xff"})
    EXPECT_EQ(decode_websocket(message_text, false).error(), error::invalid_packet) << message_text;
  for (int c = 0; c < 256; ++c)
    EXPECT_EQ(decode_websocket(std::string(1, static_cast<char>(c)), false).has_value(),
              (c >= '0' && c <= '6') || c == 'b')
        << c;
}

TEST(payload, encodes_the_examples_of_the_protocol_document) {
  const std::vector packets{packet::of(message::text("hello")), packet::of(packet_type::ping, {}),
                            packet::of(message::text("world"))};
  EXPECT_EQ(encode_payload(packets),
            "4hello\x1e"
            "2\x1e"
            "4world");
  EXPECT_EQ(payload({message::text("hello"), message::bytes("\x01\x02\x03\x04")}),
            "4hello\x1e"
            "bAQIDBA==");
  EXPECT_EQ(encode_payload({}), "");
}

TEST(payload, round_trips) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<packet> packets;
    for (std::size_t n = 1 + random() % 5; n > 0; --n) {
      std::string bytes(random() % 40, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      if (random() % 2) {
        packets.push_back(packet::of(message::bytes(bytes)));
      } else {
        for (char& c : bytes) c = static_cast<char>(32 + (c & 0x3f));
        packets.push_back(packet::of(message::text(bytes + "é€😀")));
      }
    }
    const auto decoded = decode_payload(encode_payload(packets), 5);
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->size(), packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      EXPECT_EQ((*decoded)[i].text(), packets[i].text());
      EXPECT_EQ((*decoded)[i].binary, packets[i].binary);
      EXPECT_EQ((*decoded)[i].type, packets[i].type);
    }
  }
}

TEST(payload, truncation_never_yields_more_packets) {
  const std::string whole =
      "4hello\x1e"
      "bAQIDBA==\x1e"
      "2\x1e"
      "4wörld";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = decode_payload(whole.substr(0, n), 10);
    EXPECT_LE(cut ? cut->size() : 0U, 4U);
  }
  // These lengths leave an empty payload, an empty last packet, truncated base64 or a truncated character.
  for (const std::size_t n : {0U, 7U, 9U, 13U, 15U, 17U, 19U, 22U})
    EXPECT_FALSE(decode_payload(whole.substr(0, n), 10)) << n;
  for (const std::size_t n : {1U, 6U, 8U, 12U, 16U, 18U, 20U, 21U, 23U})
    EXPECT_TRUE(decode_payload(whole.substr(0, n), 10)) << n;
}

TEST(payload, rejects_malformed_payloads) {
  for (const auto* text :
       {"", "\x1e", "4a\x1e",
        "\x1e"
        "4a",
        "4a\x1e\x1e"
        "4b",
        "abc",
        "4a\x1e"
        "x",
        "bAQ", "b====", "bA", "bAQ ==", "bAQI=\n", "b_-__", "4\xff", "4\xc3", "4\xed\xa0\x80"})
    EXPECT_EQ(decode_payload(text, 10).error(), error::invalid_packet) << text;
}

TEST(payload, checks_the_number_of_packets_before_parsing) {
  EXPECT_TRUE(
      decode_payload("4\x1e"
                     "4\x1e"
                     "4",
                     3));
  EXPECT_EQ(decode_payload("4\x1e"
                           "4\x1e"
                           "4\x1e"
                           "4",
                           3)
                .error(),
            error::too_many_packets);
  EXPECT_EQ(decode_payload(std::string(1'000'000, '\x1e'), 10'000).error(), error::too_many_packets);
}

}  // namespace
}  // namespace emostream::engineio

#include "engineio/codec.hpp"

#include <random>

#include <gtest/gtest.h>

#include "engineio/error.hpp"

namespace emostream::engineio {
namespace {

using namespace std::string_literals;

const codec v4;
const codec v4_base64(protocol::v4, true);
const codec v3(protocol::v3, false);
const codec v3_base64(protocol::v3, true);

packet text(std::string s) {
  return packet::of(message::text(std::move(s)));
}
packet bytes(std::string s) {
  return packet::of(message::bytes(std::move(s)));
}

/// A packet as text, for comparisons; binary data is marked with "b:".
std::string show(const packet& p) {
  return (p.binary ? "b:" : std::string(p.prefix())) + std::string(p.text());
}
std::string show(const result<std::vector<packet>>& packets) {
  if (!packets) return packets.error().message();
  std::string all;
  for (const auto& p : *packets) all += (&p != packets->data() ? " " : "") + show(p);
  return all;
}
/// The WebSocket message of a packet, in the same form.
std::string websocket_message(const codec& c, packet p) {
  const auto f = c.to_websocket(std::move(p));
  return (f.binary ? "b:" : "") + std::string(f.prefix()) + std::string(f.text());
}

// The expected encodings of version 3 are the output of engine.io-parser 2.2.1.

TEST(codec_v3, writes_text_payloads_with_utf16_lengths) {
  const std::vector packets{text("hello"), packet::of(packet_type::ping, {}), text("wörld €😀")};
  for (const auto& c : {v3, v3_base64}) {
    const auto payload = c.encode_payload(packets);
    EXPECT_EQ(payload.bytes, "6:4hello1:210:4wörld €😀");
    EXPECT_FALSE(payload.binary);
  }
}

TEST(codec_v3, writes_binary_payloads_or_base64) {
  const std::vector packets{text("a€😀"), bytes("\1\2\3"), packet::of(packet_type::pong, {})};
  const auto payload = v3.encode_payload(packets);
  EXPECT_EQ(payload.bytes, "\0\x09\xff"s + "4a€😀" + "\1\4\xff\4\1\2\3\0\1\xff"s + "3");
  EXPECT_TRUE(payload.binary);
  EXPECT_EQ(v3_base64.encode_payload(packets).bytes, "5:4a€😀6:b4AQID1:3");
  EXPECT_FALSE(v3_base64.encode_payload(packets).binary);

  const auto twelve = bytes(std::string(12, '\7'));
  EXPECT_EQ(v3.encode_payload({&twelve, 1}).bytes, "\1\1\3\xff\4"s + std::string(12, '\7'));
  const auto empty = bytes("");
  EXPECT_EQ(v3.encode_payload({&empty, 1}).bytes, "\1\1\xff\4"s);
  EXPECT_EQ(v3_base64.encode_payload({&empty, 1}).bytes, "2:b4");
}

TEST(codec_v3, reads_text_payloads) {
  EXPECT_EQ(show(v3.decode_payload("6:4hello1:210:4wörld €😀", false, 10)), "4hello 2 4wörld €😀");
  EXPECT_EQ(show(v3.decode_payload("5:4a€😀6:b4AQID1:3", false, 10)), "4a€😀 b:\1\2\3 3");
  EXPECT_EQ(show(v3.decode_payload("1:42:b4", false, 10)), "4 b:");
  EXPECT_NE(v3.decode_payload("2:b4", false, 1)->front().data, nullptr);
}

TEST(codec_v3, reads_binary_payloads) {
  EXPECT_EQ(show(v3.decode_payload("\0\x09\xff"s + "4a€😀" + "\1\4\xff\4\1\2\3\0\1\xff"s + "3", true, 10)),
            "4a€😀 b:\1\2\3 3");
  EXPECT_EQ(show(v3.decode_payload("\1\1\3\xff\4"s + std::string(12, '\7'), true, 10)),
            "b:" + std::string(12, '\7'));
  EXPECT_EQ(show(v3.decode_payload("\0\6\xff"s + "b4AQID", true, 10)), "b:\1\2\3");
}

TEST(codec_v3, rejects_malformed_text_payloads) {
  for (const auto* payload :
       {"",      ":",    "0:",   "4hello", "7:4hello", "5:4hello", "6:4hello1", "6:4hello1:",
        "-1:4",  "+1:4", " 1:4", "1 :4",   "0x1:4",    "1e0:4",    "1.0:4",     "99999999999999999999:4",
        "1:7",   "1:x",  "1:b",  "3:b41",  "4:b4A*",   "3:b2=",    "2:4😀",      "1:4\xff",
        "1:\xc3"})
    EXPECT_EQ(v3.decode_payload(payload, false, 10).error(), error::invalid_packet) << payload;
}

TEST(codec_v3, rejects_malformed_binary_payloads) {
  for (const auto& payload : {""s, "\0"s, "\1\1"s, "\1\1\xff"s, "\1\2\xff\4"s, "\2\1\xff\4"s, "\xff\1\xff\4"s,
                              "\1\x0a\xff\4"s, "\1\xff\4"s, "\1\0\xff"s,
                              "\1\1\xff"
                              "4"s,
                              "\1\1\xff\2"s, "\0\1\xff\4"s,
                              "\0\2\xff"
                              "4\xff"s,
                              "\1\1\xff\4\1"s, "\1"s + std::string(400, '\1') + "\xff\4"s, "1:4"s})
    EXPECT_EQ(v3.decode_payload(payload, true, 10).error(), error::invalid_packet)
        << testing::PrintToString(payload);
}

TEST(codec_v3, limits_the_number_of_packets) {
  EXPECT_EQ(v3.decode_payload("1:41:41:4", false, 3)->size(), 3U);
  EXPECT_EQ(v3.decode_payload("1:41:41:41:4", false, 3).error(), error::too_many_packets);
}

TEST(codec_v3, round_trips) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<packet> packets;
    for (std::size_t n = 1 + random() % 5; n > 0; --n) {
      std::string content(random() % 150, '\0');
      for (char& c : content) c = static_cast<char>(random());
      if (random() % 3 == 0) {
        packets.push_back(bytes(content));
      } else {
        for (char& c : content) c = static_cast<char>(c & 0x7f);
        packets.push_back(text(content + "é€😀"));
      }
    }
    for (const auto& c : {v3, v3_base64}) {
      const auto payload = c.encode_payload(packets);
      EXPECT_EQ(show(c.decode_payload(payload.bytes, payload.binary, 5)), show(packets));
    }
  }
}

TEST(codec_v3, writes_and_reads_websocket_messages) {
  EXPECT_EQ(websocket_message(v3, bytes("\1\2")), "b:\4\1\2");
  EXPECT_EQ(websocket_message(v3_base64, bytes("\1\2")), "b4AQI=");
  EXPECT_EQ(websocket_message(v3, text("hi")), "4hi");
  EXPECT_EQ(websocket_message(v3_base64, packet::of(packet_type::pong, "probe")), "3probe");

  EXPECT_EQ(show(*v3.decode_websocket("\4\1\2", true)), "b:\1\2");
  EXPECT_EQ(show(*v3.decode_websocket("b4AQI=", false)), "b:\1\2");
  EXPECT_EQ(show(*v3.decode_websocket("4hi", false)), "4hi");
  for (const auto* malformed : {"", "\1", "\2\1", "4"})
    EXPECT_FALSE(v3.decode_websocket(malformed, true)) << malformed;
  for (const auto* malformed : {"", "b", "b2AQI=", "bAQI=", "7", "b4AQI"})
    EXPECT_FALSE(v3.decode_websocket(malformed, false)) << malformed;
}

TEST(codec_v4, uses_the_version_4_format) {
  const std::vector packets{text("hello"), bytes("\1\2\3\4")};
  EXPECT_EQ(v4.encode_payload(packets).bytes,
            "4hello\x1e"
            "bAQIDBA==");
  EXPECT_FALSE(v4.encode_payload(packets).binary);
  EXPECT_EQ(v4.decode_payload("4hello", false, 10)->size(), 1U);
  EXPECT_EQ(v4.decode_payload("4hello", true, 10).error(), error::octet_stream);
  EXPECT_EQ(websocket_message(v4, bytes("\1\2")), "b:\1\2");
}

TEST(codec_v4, sends_binary_websocket_messages_as_base64_if_requested) {
  EXPECT_EQ(websocket_message(v4_base64, bytes("\1\2")), "bAQI=");
  EXPECT_EQ(websocket_message(v4_base64, bytes("")), "b");
  EXPECT_EQ(websocket_message(v4_base64, text("hi")), "4hi");
  EXPECT_EQ(websocket_message(v4_base64, packet::of(packet_type::pong, "probe")), "3probe");
  auto plain = bytes("\1");
  plain.compress = false;
  EXPECT_FALSE(v4_base64.to_websocket(plain).compress);
}

TEST(codec_v4, reads_base64_websocket_messages_of_any_client) {
  for (const auto& c : {v4, v4_base64}) {
    EXPECT_EQ(show(*c.decode_websocket("bAQI=", false)), "b:\1\2");
    EXPECT_EQ(show(*c.decode_websocket("b", false)), "b:");
    EXPECT_EQ(show(*c.decode_websocket("bAQI=", true)), "b:bAQI=") << "binary frames are not decoded";
    for (const auto* malformed : {"bA", "bAQI", "bA*==", "bAQI=x"})
      EXPECT_EQ(c.decode_websocket(malformed, false).error(), error::invalid_packet) << malformed;
  }
}

}  // namespace
}  // namespace emostream::engineio

#include <random>

#include "net/websocket/permessage_deflate.hpp"
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

const std::string big = "4" + std::string(5000, 'x');

/// WebSocket sessions with permessage-deflate.
struct websocket_deflate_test : engineio_fixture {
  shared_deflate shared;
  message_deflate codec{shared, {true, true, 15, 15}, 0};

  websocket_deflate_test() { opts.per_message_deflate.emplace(); }

  client open(std::string_view offer = "permessage-deflate") {
    client c(port);
    const auto a = c.upgrade("/engine.io/?EIO=4&transport=websocket",
                             "Sec-WebSocket-Extensions: " + std::string(offer) + "\r\n");
    EXPECT_EQ(a.status, 101);
    negotiated = a.header("sec-websocket-extensions");
    EXPECT_TRUE(c.read_content().starts_with("0{"));
    return c;
  }
  static std::string deflated(std::string_view text) {
    std::string out;
    deflater(deflater::format::raw).append(out, text, deflater::flush::sync);
    return out.substr(0, out.size() - 4);
  }
  std::string inflated(std::string_view content) {
    std::string out;
    EXPECT_TRUE(codec.inflate(content, 10'000'000, out));
    return out;
  }
  /// The close code of the next WebSocket frame; its first byte if it is not a close frame with a code.
  static int closed_with(client& c) {
    const auto [first_byte, content] = c.read_frame();
    if (first_byte != 0x88 || content.size() < 2) return first_byte;
    return static_cast<unsigned char>(content[0]) << 8 | static_cast<unsigned char>(content[1]);
  }

  std::string negotiated;
};

TEST_F(websocket_deflate_test, compresses_in_both_directions) {
  start();
  auto c = open();
  EXPECT_EQ(negotiated, "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  for (int i = 0; i < 3; ++i) {
    c.send_frame(0xC1, deflated(big));
    const auto [first_byte, content] = c.read_frame();
    EXPECT_EQ(first_byte, 0xC1);
    EXPECT_LT(content.size(), 100U);
    EXPECT_EQ(inflated(content), big);
  }
  const std::string bytes(5000, '\xff');
  c.send_frame(0xC2, deflated(bytes));
  const auto [first_byte, content] = c.read_frame();
  EXPECT_EQ(first_byte, 0xC2);
  EXPECT_EQ(inflated(content), bytes);
}

TEST_F(websocket_deflate_test, compresses_with_context_takeover) {
  opts.per_message_deflate->context_takeover = true;
  start();
  auto c = open("permessage-deflate; client_max_window_bits; server_max_window_bits=13");
  EXPECT_EQ(negotiated, "permessage-deflate; server_max_window_bits=13");
  message_deflate with_context(shared, {false, false, 13, 15}, 0);
  std::string noise = "4";
  std::minstd_rand random(1);
  while (noise.size() < 5000) noise += static_cast<char>(random() % 128);
  for (int i = 0; i < 3; ++i) {
    c.send_frame(0xC1, *with_context.deflate("", std::make_shared<const std::string>(noise)));
    const auto [first_byte, content] = c.read_frame();
    EXPECT_EQ(first_byte, 0xC1);
    EXPECT_EQ(content.size() < 500, i > 0) << "later messages refer to the first";
    std::string out;
    EXPECT_TRUE(with_context.inflate(content, 10'000, out));
    EXPECT_EQ(out, noise);
  }
}

TEST_F(websocket_deflate_test, compresses_only_large_messages) {
  start();
  auto c = open();
  c.send_frame(0xC1, deflated("4small"));
  EXPECT_EQ(c.read_frame(), std::pair(0x81, std::string("4small")));
  c.send_text("4also small");
  EXPECT_EQ(c.read_content(), "4also small");
  const std::string plain = "4plain" + std::string(5000, 'x');
  c.send_frame(0xC1, deflated(plain));
  EXPECT_EQ(c.read_frame(), std::pair(0x81, plain)) << "sent with compress(false)";
}

TEST_F(websocket_deflate_test, inflates_fragments_with_control_frames_in_between) {
  start();
  auto c = open();
  const auto whole = deflated(big);
  c.send_frame(0x41, std::string_view(whole).substr(0, 3));
  c.send_frame(0x89, "ping");
  c.send_frame(0x00, "");
  c.send_frame(0x00, std::string_view(whole).substr(3, 4));
  c.send_frame(0x80, std::string_view(whole).substr(7));
  EXPECT_EQ(c.read_frame(), std::pair(0x8A, std::string("ping")));
  EXPECT_EQ(inflated(c.read_frame().second), big);
  c.send_frame(0x01, "4not ");
  c.send_frame(0x80, "compressed");
  EXPECT_EQ(c.read_content(), "4not compressed");
}

TEST_F(websocket_deflate_test, inflates_an_empty_message) {
  start();
  auto c = open();
  c.send_frame(0xC2, std::string_view("\0", 1));
  EXPECT_EQ(c.read_frame(), std::pair(0x82, std::string()));
  c.send_frame(0xC2, "");
  EXPECT_EQ(c.read_frame(), std::pair(0x82, std::string()));
}

TEST_F(websocket_deflate_test, closes_on_invalid_or_too_large_compressed_data) {
  start();
  for (const auto& [content, code] :
       {std::pair(std::string("\xff\xff"), 1007), std::pair(deflated("4\xff\xfe"), 1007),
        std::pair(deflated("4" + std::string(1'000'000, 'x')), 1009)}) {
    auto c = open();
    c.send_frame(0xC1, content);
    EXPECT_EQ(closed_with(c), code);
    EXPECT_EQ(next_close(), "transport error");
  }
  auto c = open();
  c.send_frame(0xC1, deflated("4" + std::string(999'999, 'x')));
  EXPECT_EQ(inflated(c.read_frame().second).size(), 1'000'000U) << "exactly the limit";
}

TEST_F(websocket_deflate_test, rejects_invalid_reserved_bits) {
  start();
  for (const int first_byte : {0xC9, 0xC8, 0xCA, 0xA1, 0x91, 0xE1}) {
    auto c = open();
    c.send_frame(static_cast<unsigned char>(first_byte), "");
    EXPECT_EQ(closed_with(c), 1002) << first_byte;
  }
  auto c = open();
  c.send_frame(0x41, deflated(big));
  c.send_frame(0xC0, "");
  EXPECT_EQ(closed_with(c), 1002);
}

TEST_F(websocket_deflate_test, compresses_only_if_an_offer_is_acceptable) {
  start();
  for (const auto* offer : {"x-other", "permessage-deflate; server_max_window_bits=8"}) {
    auto c = open(offer);
    EXPECT_EQ(negotiated, "");
    c.send_text(big);
    EXPECT_EQ(c.read_content(), big);
    c.send_frame(0xC1, deflated(big));
    EXPECT_EQ(closed_with(c), 1002);
  }
}

TEST_F(websocket_deflate_test, rejects_compressed_messages_if_disabled) {
  opts.per_message_deflate.reset();
  start();
  auto c = open();
  EXPECT_EQ(negotiated, "");
  c.send_frame(0xC1, deflated(big));
  EXPECT_EQ(closed_with(c), 1002);
}

TEST_F(websocket_deflate_test, mixes_compressed_and_uncompressed_messages) {
  start();
  auto c = open();
  c.send_text("4twice");
  EXPECT_EQ(c.read_content(), "4one");
  EXPECT_EQ(c.read_content(), "two");
  std::string frames;
  for (int i = 0; i < 20; ++i)
    frames += client::frame_bytes(0xC1, deflated(big)) + client::frame_bytes(0x81, "4hi");
  c.write(frames);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(inflated(c.read_content()), big);
    EXPECT_EQ(c.read_content(), "4hi");
  }
}

TEST_F(websocket_deflate_test, sends_the_headers_that_the_application_adds) {
  engine_opts.add_headers = [](const request_head&, bool opens, header_list& headers) {
    headers.emplace_back("X-Opens", opens ? "yes" : "no");
  };
  start();
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=websocket").header("x-opens"), "yes");
}

}  // namespace
}  // namespace emostream::server

#include "net/websocket/permessage_deflate.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace emostream::net {
namespace {

std::optional<deflate_agreement> negotiate(std::vector<std::string> offers,
                                           const message_compression& ours = {}) {
  request_head head;
  for (auto& offer : offers) head.headers.emplace_back("sec-websocket-extensions", std::move(offer));
  return negotiate_deflate(head, ours);
}

/// The extension header in the response to that offer; "" if it is not accepted.
std::string response_to(std::string offer, const message_compression& ours = {.context_takeover = true}) {
  const auto a = negotiate({std::move(offer)}, ours);
  return a ? to_header(*a) : "";
}

TEST(negotiate_deflate, disables_context_takeover_by_default) {
  EXPECT_EQ(response_to("permessage-deflate", {}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  EXPECT_EQ(response_to("permessage-deflate; client_max_window_bits", {}),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
}

TEST(negotiate_deflate, accepts_the_parameters_of_the_client) {
  EXPECT_EQ(response_to("permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(response_to("Permessage-Deflate"), "permessage-deflate");
  EXPECT_EQ(response_to("permessage-deflate; server_no_context_takeover"),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(response_to("permessage-deflate;client_no_context_takeover"),
            "permessage-deflate; client_no_context_takeover");
  EXPECT_EQ(response_to("permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9");
  EXPECT_EQ(response_to("permessage-deflate ; server_max_window_bits = \"12\""),
            "permessage-deflate; server_max_window_bits=12");
  EXPECT_EQ(response_to("permessage-deflate; client_max_window_bits=8"),
            "permessage-deflate; client_max_window_bits=8");
}

TEST(negotiate_deflate, applies_the_parameters_of_the_server) {
  const message_compression small{
      .context_takeover = true, .server_max_window_bits = 9, .client_max_window_bits = 10};
  EXPECT_EQ(response_to("permessage-deflate; client_max_window_bits", small),
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10");
  EXPECT_EQ(response_to("permessage-deflate; client_max_window_bits=9; server_max_window_bits=15", small),
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9");
  EXPECT_EQ(response_to("permessage-deflate", small), "") << "the client's window cannot be limited";
}

TEST(negotiate_deflate, accepts_the_first_acceptable_offer) {
  const std::string good = "permessage-deflate; server_max_window_bits=11";
  for (const auto* bad : {"permessage-deflate; server_max_window_bits=8",
                          "x-webkit-deflate-frame",
                          "permessage-deflate; unknown",
                          "permessage-deflate; unknown=1",
                          "permessage-deflate; server_max_window_bits",
                          "permessage-deflate; server_max_window_bits=",
                          "permessage-deflate; server_max_window_bits=16",
                          "permessage-deflate; server_max_window_bits=7",
                          "permessage-deflate; server_max_window_bits=010",
                          "permessage-deflate; server_max_window_bits=+9",
                          "permessage-deflate; client_max_window_bits=x",
                          "permessage-deflate; client_max_window_bits=99999999999",
                          "permessage-deflate; server_no_context_takeover=1",
                          "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                          "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
                          "permessage-deflate;",
                          "permessage-deflate; =1",
                          "",
                          ";",
                          ",",
                          "=",
                          "; permessage-deflate"}) {
    EXPECT_EQ(response_to(bad), "") << bad;
    EXPECT_EQ(response_to(std::string(bad) + ", " + good), good) << bad;
    EXPECT_TRUE(negotiate({bad, good})) << bad;
  }
  EXPECT_FALSE(negotiate({}));
}

struct message_deflate_test : testing::Test {
  /// Deflates `m` and inflates it again; returns the compressed size, 0 if it is not compressed.
  std::size_t transfer(message_deflate& sender, message_deflate& receiver, const std::string& m) {
    const auto deflated = sender.deflate("", std::make_shared<const std::string>(m));
    if (!deflated) return 0;
    std::string out;
    EXPECT_TRUE(receiver.inflate(*deflated, m.size(), out));
    EXPECT_EQ(out, m);
    return deflated->size();
  }
  static deflate_agreement with_context() { return {}; }
  static deflate_agreement without_context() { return {true, true, 15, 15}; }

  /// The close code for `content`, 0 if it is valid.
  int code_of(std::string_view content, std::size_t limit = 1000) {
    std::string out;
    const auto result = message_deflate(shared, without_context(), 0).inflate(content, limit, out);
    EXPECT_LE(out.size(), limit);
    return result ? 0 : static_cast<int>(result.error());
  }
  std::string inflated(std::string_view content) {
    std::string out;
    EXPECT_TRUE(message_deflate(shared, without_context(), 0).inflate(content, 1000, out));
    return out;
  }

  shared_deflate shared;
};

TEST_F(message_deflate_test, round_trips) {
  std::string noise(10'000, '\0');
  std::minstd_rand random(1);
  for (char& c : noise) c = static_cast<char>(random());
  for (const int bits : {9, 15}) {
    for (const bool no_context : {false, true}) {
      const deflate_agreement a{no_context, no_context, bits, bits};
      message_deflate server(shared, a, 0);
      message_deflate client(shared, a, 0);
      for (const auto& m :
           {std::string("hello"), std::string(), std::string(100'000, 'x'), noise, noise + noise})
        transfer(server, client, m);
    }
  }
}

TEST_F(message_deflate_test, context_takeover_shrinks_the_second_message) {
  const std::string m = R"({"name":"value","other":[1,2,3,"something"]})";
  message_deflate sender(shared, with_context(), 0);
  message_deflate receiver(shared, with_context(), 0);
  const auto first = transfer(sender, receiver, m);
  EXPECT_LT(transfer(sender, receiver, m), first / 2);
  message_deflate independent(shared, without_context(), 0);
  const auto alone = transfer(independent, independent, m);
  EXPECT_EQ(transfer(independent, independent, m), alone) << "no message refers to an earlier one";
}

TEST_F(message_deflate_test, does_not_compress_small_or_incompressible_messages) {
  message_deflate d(shared, without_context(), 10);
  const auto shared_text = [](std::string s) { return std::make_shared<const std::string>(std::move(s)); };
  EXPECT_EQ(d.deflate("", nullptr), nullptr);
  EXPECT_EQ(d.deflate("", shared_text(std::string(9, 'x'))), nullptr);
  EXPECT_NE(d.deflate("4", shared_text(std::string(9, 'x'))), nullptr) << "the prefix counts";
  EXPECT_EQ(d.deflate("", shared_text("0123456789abcdef")), nullptr) << "compression would enlarge it";
}

TEST_F(message_deflate_test, a_broadcast_is_deflated_once) {
  const auto m = std::make_shared<const std::string>(5000, 'x');
  std::vector<message_deflate> all;
  for (int i = 0; i < 3; ++i) all.emplace_back(shared, without_context(), 0);
  const auto first = all[0].deflate("4", m);
  EXPECT_EQ(all[1].deflate("4", m), first);
  EXPECT_NE(all[2].deflate("", m), first) << "different bytes";
  const auto equal = std::make_shared<const std::string>(*m);
  EXPECT_NE(all[1].deflate("4", equal), first) << "an equal string, but another object";
  message_deflate narrow(shared, {true, true, 9, 9}, 0);
  EXPECT_NE(narrow.deflate("4", m), first);
}

TEST_F(message_deflate_test, inflates_the_examples_of_the_rfc) {
  const auto bytes = [](std::initializer_list<int> all) {
    std::string s;
    for (const int b : all) s += static_cast<char>(b);
    return s;
  };
  // RFC 7692 section 7.2.3: one block, a stored block, a final block, two blocks.
  EXPECT_EQ(inflated(bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})), "Hello");
  EXPECT_EQ(inflated(bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00})), "Hello");
  EXPECT_EQ(inflated(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00})), "Hello");
  EXPECT_EQ(inflated(bytes({0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00})),
            "Hello");
  EXPECT_EQ(inflated(bytes({0x00})), "") << "section 7.2.3.6";
  EXPECT_EQ(inflated(""), "") << "an empty payload";
  EXPECT_EQ(inflated(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})), "Hello")
      << "a final block without an empty block after it";
  EXPECT_EQ(inflated(bytes({0x01})), "") << "a final block that ends with the removed tail";
  // Section 7.2.3.2: the second message refers to the first.
  message_deflate with_takeover(shared, with_context(), 0);
  std::string out;
  EXPECT_TRUE(with_takeover.inflate(bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00}), 5, out));
  out.clear();
  EXPECT_TRUE(with_takeover.inflate(bytes({0xf2, 0x00, 0x11, 0x00, 0x00}), 5, out));
  EXPECT_EQ(out, "Hello");
  EXPECT_EQ(code_of(bytes({0xf2, 0x00, 0x11, 0x00, 0x00})), 1007)
      << "without context takeover, it refers to nothing";
  // A final block does not reset the context.
  message_deflate unaffected(shared, with_context(), 0);
  out.clear();
  EXPECT_TRUE(unaffected.inflate(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00}), 5, out));
  out.clear();
  EXPECT_TRUE(unaffected.inflate(bytes({0xf2, 0x00, 0x11, 0x00, 0x00}), 5, out));
  EXPECT_EQ(out, "Hello");
}

TEST_F(message_deflate_test, rejects_invalid_data) {
  EXPECT_EQ(code_of("\xff"), 1007) << "an invalid block type";
  EXPECT_EQ(code_of(std::string_view("\0\x05\0\0\0", 5)), 1007) << "contradictory lengths";
  EXPECT_EQ(code_of(std::string_view("\xf3\x48\xcd\xc9\xc9\x07\0\0\0", 9)), 1007)
      << "data after the final block";
  for (int byte = 1; byte < 256; ++byte)
    EXPECT_EQ(code_of("\xf3\x48\xcd\xc9\xc9\x07" + std::string(1, '\0') + static_cast<char>(byte)), 1007)
        << "a byte other than 0 after the final block: " << byte;
  EXPECT_EQ(code_of("\xf3\x48\xcd\xc9\xc9\x07"), 1007) << "a final block that ends within the removed tail";
  EXPECT_EQ(code_of(std::string_view("\0\xff\0\0\xff", 5)), 1007) << "a truncated stored block";
  EXPECT_EQ(code_of("\xf2\x48\xcd"), 1007) << "a truncated compressed block";
}

TEST_F(message_deflate_test, rejects_a_compression_bomb_without_allocating_its_size) {
  message_deflate sender(shared, without_context(), 0);
  const auto bomb = sender.deflate("", std::make_shared<const std::string>(10'000'000, 'x'));
  EXPECT_LT(bomb->size(), 20'000U);
  std::string out;
  const auto result = sender.inflate(*bomb, 1000, out);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), close_code::too_big);
  EXPECT_LE(out.capacity(), 2000U);
  EXPECT_EQ(inflated(*sender.deflate("", std::make_shared<const std::string>(1000, 'y'))),
            std::string(1000, 'y'));
}

}  // namespace
}  // namespace emostream::net

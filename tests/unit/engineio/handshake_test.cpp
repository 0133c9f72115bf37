#include "engineio/handshake.hpp"

#include <set>

#include <gtest/gtest.h>

#include "engineio/error.hpp"

namespace emostream::engineio {
namespace {

using query = std::vector<std::pair<std::string, std::string>>;

request_head head_of(query q, std::string method = "GET") {
  request_head head;
  head.method = std::move(method);
  head.query = std::move(q);
  return head;
}

result<connection_request> parse(query q, bool upgrade = false, std::string method = "GET",
                                 const options& opts = {}) {
  return parse_request(head_of(std::move(q), std::move(method)), upgrade, opts);
}

TEST(parse_request, accepts_requests_that_open_a_session) {
  const auto polling = parse({{"EIO", "4"}, {"transport", "polling"}, {"t", "abc"}});
  ASSERT_TRUE(polling);
  EXPECT_EQ(polling->transport, transport::polling);
  EXPECT_FALSE(polling->sid);

  const auto websocket = parse({{"EIO", "4"}, {"transport", "websocket"}, {"sid", ""}}, true);
  ASSERT_TRUE(websocket);
  EXPECT_EQ(websocket->transport, transport::websocket);
  EXPECT_FALSE(websocket->sid);
}

TEST(parse_request, reads_the_session_id) {
  for (const auto* method : {"GET", "POST"}) {
    const auto r = parse({{"transport", "polling"}, {"sid", "abc"}}, false, method);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->sid, "abc");
  }
  EXPECT_EQ(parse({{"transport", "websocket"}, {"sid", "abc"}}, true)->sid, "abc");
}

TEST(parse_request, rejects_invalid_requests) {
  EXPECT_EQ(parse({}).error(), error::unknown_transport);
  EXPECT_EQ(parse({{"EIO", "4"}}).error(), error::unknown_transport);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "abc"}}).error(), error::unknown_transport);
  for (const auto* method : {"POST", "PUT", "HEAD"})
    EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "polling"}}, false, method).error(),
              error::bad_handshake_method);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "websocket"}}).error(), error::bad_request);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "polling"}}, true).error(), error::bad_request);
}

TEST(parse_request, reports_the_first_fault_in_the_order_of_the_node_server) {
  EXPECT_EQ(parse({{"transport", "abc"}, {"sid", "x"}}, true, "POST").error(), error::unknown_transport);
  EXPECT_EQ(parse({{"transport", "websocket"}}, false, "POST").error(), error::bad_handshake_method);
  EXPECT_EQ(parse({{"EIO", "1"}, {"transport", "websocket"}}).error(), error::bad_request);
  EXPECT_TRUE(parse({{"EIO", "1"}, {"transport", "polling"}}))
      << "the version is checked after allow_request";
  for (const bool upgrade : {false, true})
    for (const auto* name : {"polling", "websocket"})
      EXPECT_TRUE(parse({{"transport", name}, {"sid", "x"}}, upgrade)) << "first, the session must exist";
}

TEST(parse_request, rejects_a_transport_that_is_not_enabled) {
  const query polling{{"EIO", "4"}, {"transport", "polling"}};
  const query websocket{{"EIO", "4"}, {"transport", "websocket"}};
  const options only_polling{.transports = {transport::polling}};
  const options only_websocket{.transports = {transport::websocket}};
  EXPECT_TRUE(parse(polling, false, "GET", only_polling));
  EXPECT_EQ(parse(websocket, true, "GET", only_polling).error(), error::unknown_transport);
  EXPECT_EQ(parse(polling, false, "GET", only_websocket).error(), error::unknown_transport);
  EXPECT_TRUE(parse(websocket, true, "GET", only_websocket));
}

TEST(parse_request, rejects_jsonp) {
  const auto parsed = parse({{"EIO", "4"}, {"transport", "polling"}, {"j", "0"}});
  EXPECT_EQ(parsed.error(), error::jsonp);
  EXPECT_EQ(error_response_of(parsed.error()).json(), R"({"code":0,"message":"JSONP is not supported"})");
}

TEST(opens_session, is_true_without_a_session_id) {
  EXPECT_TRUE(opens_session(head_of({})));
  EXPECT_TRUE(opens_session(head_of({{"sid", ""}})));
  EXPECT_FALSE(opens_session(head_of({{"sid", "x"}})));
}

TEST(parse_codec, accepts_version_4) {
  EXPECT_EQ(parse_codec(head_of({{"EIO", "4"}}), {}).value().version(), protocol::v4);
  for (const auto* version : {"", "2", "3", "5", "04", "abc"})
    EXPECT_EQ(parse_codec(head_of({{"EIO", version}}), {}).error(), error::unsupported_protocol) << version;
  EXPECT_EQ(parse_codec(head_of({}), {}).error(), error::unsupported_protocol);
}

TEST(parse_codec, accepts_version_3_if_enabled) {
  const options opts{.allow_eio3 = true};
  EXPECT_EQ(parse_codec(head_of({{"EIO", "3"}}), opts).value().version(), protocol::v3);
  EXPECT_EQ(parse_codec(head_of({{"EIO", "4"}}), opts).value().version(), protocol::v4);
  for (const auto* version : {"", "2", "5", "03"})
    EXPECT_EQ(parse_codec(head_of({{"EIO", version}}), opts).error(), error::unsupported_protocol) << version;
  EXPECT_EQ(parse_codec(head_of({}), opts).error(), error::unsupported_protocol);
}

TEST(parse_codec, encodes_binary_data_as_base64_if_b64_is_not_empty) {
  const auto websocket_message = [](query q) {
    const auto c = parse_codec(head_of(std::move(q)), {}).value();
    const auto p = c.to_websocket(packet::of(message::bytes("\1\2")));
    return std::string(p.prefix()) + std::string(p.text());
  };
  EXPECT_EQ(websocket_message({{"EIO", "4"}}), "\1\2");
  EXPECT_EQ(websocket_message({{"EIO", "4"}, {"b64", ""}}), "\1\2");
  EXPECT_EQ(websocket_message({{"EIO", "4"}, {"b64", "1"}}), "bAQI=");
  EXPECT_EQ(websocket_message({{"EIO", "4"}, {"b64", "0"}}), "bAQI=");
}

TEST(session_id, has_20_url_safe_characters_and_is_unique) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto id = make_session_id();
    EXPECT_EQ(id.size(), 20U);
    EXPECT_EQ(id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(session_id, is_valid_if_a_url_can_contain_it) {
  EXPECT_TRUE(is_valid_session_id(make_session_id()));
  EXPECT_TRUE(is_valid_session_id("a"));
  EXPECT_TRUE(is_valid_session_id("AZaz09-._~"));
  EXPECT_TRUE(is_valid_session_id(std::string(64, 'x')));
  EXPECT_FALSE(is_valid_session_id(std::string(65, 'x')));
  for (const auto* bad : {"", "a b", "a/b", "a+b", "a%20", "a\"", "a#b", "a&b", "a=", "\xc3\xa9", "a\n"})
    EXPECT_FALSE(is_valid_session_id(bad)) << bad;
  EXPECT_FALSE(is_valid_session_id(std::string("a\0b", 3)));
}

TEST(handshake_json, offers_an_upgrade_only_if_it_is_possible) {
  const auto offers_upgrade = [](const options& opts) {
    return !handshake_json("s", transport::polling, opts).contains(R"("upgrades":[])");
  };
  EXPECT_TRUE(offers_upgrade({}));
  EXPECT_FALSE(offers_upgrade({.allow_upgrades = false}));
  EXPECT_FALSE(offers_upgrade({.transports = {transport::polling}}));
}

TEST(handshake_json, contains_the_options_for_the_client) {
  options opts;
  opts.ping_interval = milliseconds(300);
  opts.ping_timeout = milliseconds(200);
  opts.max_http_buffer_size = 7;
  EXPECT_EQ(handshake_json("s", transport::polling, opts),
            R"({"sid":"s","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":7})");
  EXPECT_EQ(handshake_json("s", transport::websocket, opts),
            R"({"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":7})");
}

}  // namespace
}  // namespace emostream::engineio

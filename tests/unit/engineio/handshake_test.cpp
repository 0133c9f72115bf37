#include "engineio/handshake.hpp"

#include <set>

#include <gtest/gtest.h>

#include "engineio/error.hpp"

namespace emostream::engineio {
namespace {

using query = std::vector<std::pair<std::string, std::string>>;

result<connection_request> parse(query q, bool upgrade = false, std::string method = "GET",
                                 bool allow_eio3 = false) {
  request_head head;
  head.method = std::move(method);
  head.query = std::move(q);
  return parse_request(head, upgrade, {.allow_eio3 = allow_eio3});
}

TEST(parse_request, accepts_requests_that_open_a_session) {
  const auto polling = parse({{"EIO", "4"}, {"transport", "polling"}, {"t", "abc"}});
  ASSERT_TRUE(polling);
  EXPECT_EQ(polling->transport, transport::polling);
  EXPECT_FALSE(polling->sid);

  const auto websocket = parse({{"EIO", "4"}, {"transport", "websocket"}}, true);
  ASSERT_TRUE(websocket);
  EXPECT_EQ(websocket->transport, transport::websocket);
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
  EXPECT_EQ(parse({{"transport", "polling"}}).error(), error::unsupported_protocol);
  EXPECT_EQ(parse({{"EIO", "abc"}, {"transport", "polling"}}).error(), error::unsupported_protocol);
  EXPECT_EQ(parse({{"EIO", "3"}, {"transport", "websocket"}}, true).error(), error::unsupported_protocol);
  for (const auto* method : {"POST", "PUT", "HEAD"})
    EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "polling"}}, false, method).error(),
              error::bad_handshake_method);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "websocket"}}).error(), error::bad_request);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "polling"}}, true).error(), error::bad_request);
}

TEST(parse_request, accepts_version_3_if_enabled) {
  const auto polling = parse({{"EIO", "3"}, {"transport", "polling"}, {"b64", "1"}}, false, "GET", true);
  ASSERT_TRUE(polling);
  EXPECT_EQ(polling->codec.version(), protocol::v3);
  const auto websocket = parse({{"EIO", "3"}, {"transport", "websocket"}}, true, "GET", true);
  ASSERT_TRUE(websocket);
  EXPECT_EQ(websocket->codec.version(), protocol::v3);
  EXPECT_EQ(parse({{"EIO", "4"}, {"transport", "polling"}}, false, "GET", true)->codec.version(),
            protocol::v4);
  for (const auto* version : {"2", "5", "03", ""})
    EXPECT_EQ(parse({{"EIO", version}, {"transport", "polling"}}, false, "GET", true).error(),
              error::unsupported_protocol);
  EXPECT_EQ(parse({{"transport", "polling"}}, false, "GET", true).error(), error::unsupported_protocol);
}

TEST(parse_request, rejects_jsonp) {
  const auto parsed = parse({{"EIO", "4"}, {"transport", "polling"}, {"j", "0"}});
  EXPECT_EQ(parsed.error(), error::jsonp);
  EXPECT_EQ(error_response_of(parsed.error()).json(), R"({"code":0,"message":"JSONP is not supported"})");
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

#include "server/engineio/session_cookie.hpp"

#include <stdexcept>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

using sites = session_cookie::sites;

TEST(session_cookie, has_the_format_of_the_node_server) {
  EXPECT_EQ(set_cookie_header({}, "abc"), "io=abc; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(set_cookie_header({.name = "n",
                               .path = "/a b",
                               .domain = "example.org",
                               .http_only = false,
                               .secure = true,
                               .partitioned = true,
                               .same_site = sites::none,
                               .max_age = std::chrono::hours(1)},
                              "x"),
            "n=x; Max-Age=3600; Domain=example.org; Path=/a b; Secure; Partitioned; SameSite=None");
  EXPECT_EQ(set_cookie_header({.path = "", .http_only = false, .same_site = sites::unset}, "x"), "io=x");
  EXPECT_EQ(set_cookie_header({.path = "", .http_only = false, .same_site = sites::strict}, "x"),
            "io=x; SameSite=Strict");
}

TEST(session_cookie, rejects_invalid_names_paths_and_domains) {
  for (const auto* name : {"", "a b", "a=b", "a;b", "a\r\nb", "\xc3\xa9"})
    EXPECT_THROW(set_cookie_header({.name = name}, "x"), std::invalid_argument) << name;
  for (const auto* value : {"/; Secure", "/\r\n", "/\x7f"}) {
    EXPECT_THROW(set_cookie_header({.path = value}, "x"), std::invalid_argument) << value;
    EXPECT_THROW(set_cookie_header({.domain = value}, "x"), std::invalid_argument) << value;
  }
  http_server http{{}};
  EXPECT_THROW((engineio_server{http, {.cookie = session_cookie{.name = "a b"}}}), std::invalid_argument);
}

struct cookie_test : engineio_fixture {};

TEST_F(cookie_test, is_sent_with_the_first_response_of_a_polling_session) {
  engine_opts.cookie.emplace();
  start();
  auto c = connect();
  const auto first = c.get("/engine.io/?EIO=4&transport=polling");
  EXPECT_EQ(first.header("set-cookie"), "io=" + sid_of(first.body) + "; Path=/; HttpOnly; SameSite=Lax");
  const auto session = "/engine.io/?EIO=4&transport=polling&sid=" + sid_of(first.body);
  EXPECT_EQ(c.post(session, "4hi").header("set-cookie"), "");
  EXPECT_EQ(c.get(session).header("set-cookie"), "");
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=websocket").header("set-cookie"), "");
}

TEST_F(cookie_test, is_disabled_by_default) {
  start();
  EXPECT_EQ(connect().get("/engine.io/?EIO=4&transport=polling").header("set-cookie"), "");
}

TEST_F(cookie_test, the_application_can_add_headers) {
  engine_opts.add_headers = [](const request_head& head, bool opens, header_list& headers) {
    headers.emplace_back("X-Path", head.path);
    if (opens) headers.emplace_back("X-Initial", "a\r\nb");
  };
  start([](http_server& s) {
    s.route("GET", "/other", [](http_request, http_responder respond) { respond({.status = 204}); });
  });
  auto c = connect();
  const auto first = c.get("/engine.io/?EIO=4&transport=polling");
  EXPECT_EQ(first.header("x-path"), "/engine.io/");
  EXPECT_EQ(first.header("x-initial"), "a  b");
  EXPECT_EQ(c.get("/engine.io/?EIO=4&transport=polling&sid=").header("x-initial"), "a  b");
  const auto posted = c.post("/engine.io/?EIO=4&transport=polling&sid=" + sid_of(first.body), "4hi");
  EXPECT_EQ(posted.header("x-path"), "/engine.io/");
  EXPECT_EQ(posted.header("x-initial"), "");
  EXPECT_EQ(c.get("/other").header("x-path"), "");
}

}  // namespace
}  // namespace emostream::server

#include "net/http/cors.hpp"

#include <gmock/gmock.h>

#include "net/fixture.hpp"

namespace emostream::net {
namespace {

request_head head_from(std::string origin, std::string host = "here:8000") {
  request_head head;
  head.method = "GET";
  head.headers = {{"host", std::move(host)}, {"origin", std::move(origin)}};
  return head;
}

TEST(cors_policy, all_origins) {
  const cors_policy all({"*"});
  EXPECT_TRUE(all.allows(head_from("http://anywhere")));
  EXPECT_TRUE(all.allows(head_from("null")));
  for (const auto& head : {head_from("null"), head_from("http://anywhere"), request_head()})
    EXPECT_EQ(all.header_lines(head), "Access-Control-Allow-Origin: *\r\n");
}

TEST(cors_policy, credentials_need_an_origin) {
  const cors_policy all({"*"}, true);
  EXPECT_EQ(
      all.header_lines(head_from("null")),
      "Vary: Origin\r\nAccess-Control-Allow-Origin: null\r\nAccess-Control-Allow-Credentials: true\r\n");
  EXPECT_EQ(all.header_lines({}), "Vary: Origin\r\n");
  const cors_policy some({"http://friend"}, true);
  EXPECT_EQ(some.header_lines(head_from("http://friend")),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://friend\r\n"
            "Access-Control-Allow-Credentials: true\r\n");
  EXPECT_EQ(some.header_lines(head_from("http://foe")), "Vary: Origin\r\n");
}

TEST(cors_policy, a_list) {
  const cors_policy some({"http://friend", "null"});
  EXPECT_TRUE(some.allows(head_from("http://friend")));
  EXPECT_TRUE(some.allows(head_from("null")));
  EXPECT_TRUE(some.allows({}));
  for (const auto* stranger :
       {"http://foe", "https://friend", "http://friend:81", "http://friend.foe", "HTTP://FRIEND", ""}) {
    EXPECT_FALSE(some.allows(head_from(stranger))) << stranger;
    EXPECT_EQ(some.header_lines(head_from(stranger)), "Vary: Origin\r\n");
  }
  EXPECT_EQ(some.header_lines(head_from("http://friend")),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: http://friend\r\n");
  EXPECT_FALSE(cors_policy({}).allows(head_from("null")));
}

TEST(cors_policy, a_page_of_this_host_is_welcome) {
  const cors_policy none({});
  EXPECT_TRUE(none.allows(head_from("http://here:8000")));
  EXPECT_TRUE(none.allows(head_from("https://here:8000")));
  EXPECT_FALSE(none.allows(head_from("http://here")));
  EXPECT_FALSE(none.allows(head_from("here:8000")));
}

struct cors_test : server_fixture {};

TEST_F(cors_test, preflight) {
  opts.cors_credentials = true;
  start();
  auto c = connect();
  for (const auto* path : {"/engine.io/?EIO=4&transport=polling", "/whatever"}) {
    const auto a = c.request(
        "OPTIONS", path, "",
        "Origin: http://a\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-b\r\n");
    EXPECT_EQ(a.status, 204);
    EXPECT_EQ(a.header("access-control-allow-origin"), "http://a");
    EXPECT_EQ(a.header("access-control-allow-credentials"), "true");
    EXPECT_EQ(a.header("access-control-allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    EXPECT_EQ(a.header("access-control-allow-headers"), "x-b");
    EXPECT_THAT(a.head, testing::HasSubstr("Vary: Origin\r\nVary: Access-Control-Request-Headers\r\n"));
    EXPECT_EQ(a.header("content-length"), "");
  }
}

TEST_F(cors_test, every_answer_says_who_may_read_it) {
  start();
  auto c = connect();
  const auto ok = c.get("/engine.io/?EIO=4&transport=polling", "Origin: http://a\r\n");
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.header("access-control-allow-origin"), "*");
  const auto bad = c.get("/engine.io/?EIO=3&transport=polling", "Origin: http://a\r\n");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("access-control-allow-origin"), "*");
}

TEST_F(cors_test, strangers_are_refused_by_polling_and_websocket) {
  opts.cors_origins = {"http://friend"};
  start();
  auto c = connect();
  const auto polling = c.get("/engine.io/?EIO=4&transport=polling", "Origin: http://foe\r\n");
  EXPECT_EQ(polling.status, 403);
  EXPECT_EQ(polling.body, R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(polling.header("access-control-allow-origin"), "");
  EXPECT_EQ(c.get("/engine.io/?EIO=4&transport=polling", "Origin: http://friend\r\n").status, 200);

  const auto websocket = connect().upgrade("/engine.io/?EIO=4&transport=websocket", "Origin: http://foe\r\n");
  EXPECT_EQ(websocket.status, 403);
  EXPECT_EQ(websocket.body, "Forbidden");
  EXPECT_EQ(connect().upgrade("/engine.io/?EIO=4&transport=websocket", "Origin: http://friend\r\n").status,
            101);
  EXPECT_EQ(stats().sessions_forbidden, 2U);
}

}  // namespace
}  // namespace emostream::net

#include <gmock/gmock.h>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

struct cors_test : engineio_fixture {};

TEST_F(cors_test, responds_to_preflights) {
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

TEST_F(cors_test, engineio_responses_have_cors_headers) {
  start();
  auto c = connect();
  const auto ok = c.get("/engine.io/?EIO=4&transport=polling", "Origin: http://a\r\n");
  EXPECT_EQ(ok.status, 200);
  EXPECT_EQ(ok.header("access-control-allow-origin"), "*");
  const auto bad = c.get("/engine.io/?EIO=3&transport=polling", "Origin: http://a\r\n");
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.header("access-control-allow-origin"), "*");
}

TEST_F(cors_test, rejects_other_origins_by_polling_and_websocket) {
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

TEST_F(cors_test, counts_only_requests_that_would_open_a_session) {
  opts.cors_origins = {"http://friend"};
  start();
  auto c = connect();
  for (const auto* sid : {"", "&sid=", "&sid=x"})
    EXPECT_EQ(
        c.get("/engine.io/?EIO=4&transport=polling" + std::string(sid), "Origin: http://foe\r\n").status,
        403);
  EXPECT_EQ(stats().sessions_forbidden, 2U);
}

}  // namespace
}  // namespace emostream::server

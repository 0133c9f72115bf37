#include "server/engineio/connection_error.hpp"

#include <stdexcept>

#include <gmock/gmock.h>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";

struct connection_error_test : engineio_fixture {
  ~connection_error_test() override { stop(); }  // before `errors` is destroyed

  connection_error_test() {
    engine_opts.on_connection_error = [this](const connection_error& e) {
      errors.push_back(std::to_string(e.code) + ' ' + std::string(e.message) + ": " + e.context);
      last = e.request;
      throw std::runtime_error("has no effect");
    };
  }
  /// The errors since the last call.
  std::vector<std::string> take() {
    return on_io_thread([this] { return std::exchange(errors, {}); });
  }

  std::vector<std::string> errors;
  shared_request last;
};

TEST_F(connection_error_test, is_called_with_the_request_the_code_and_the_message) {
  start();
  connect().get("/engine.io/?transport=tobi", "User-Agent: test\r\n");
  EXPECT_THAT(take(), ElementsAre("0 Transport unknown: unknown transport"));
  EXPECT_EQ(last->target, "/engine.io/?transport=tobi");
  EXPECT_EQ(last->header("user-agent"), "test");
  EXPECT_EQ(last->remote_address, "127.0.0.1");
}

TEST_F(connection_error_test, is_called_for_each_check_of_the_protocol) {
  start();
  auto c = connect();
  const auto session = open_polling(c);
  c.get(std::string(polling) + "&sid=nobody");
  c.get(websocket);
  c.get("/engine.io/?EIO=1&transport=polling");
  c.post(polling, "4x");
  connect().get(polling, "Content-Length: 1\r\n");
  EXPECT_THAT(take(),
              ElementsAre(StartsWith("1 Session ID unknown: "), StartsWith("3 Bad request: "),
                          StartsWith("5 Unsupported protocol version: "),
                          StartsWith("2 Bad handshake method: "), "3 Payload too large: payload too large"));
  connect().get(websocket_of(session));
  connect().upgrade(std::string(websocket) + "&sid=nobody");
  EXPECT_THAT(take(), ElementsAre(StartsWith("3 Bad request: "), StartsWith("1 Session ID unknown: ")));
  EXPECT_EQ(connect().post(session, "4x").status, 200);
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(connection_error_test, is_called_for_rejections_of_the_application) {
  opts.cors_origins = {"http://friend"};
  engine_opts.middlewares = {[](const shared_request& request, request_next next) {
    return request->parameter("middleware") ? next.reject() : next();
  }};
  engine_opts.allow_request = [](const shared_request&, admission a) { a.reject("members only"); };
  start();
  connect().get(polling);
  connect().upgrade(websocket);
  connect().get(polling, "Origin: http://foe\r\n");
  connect().get(std::string(polling) + "&middleware");
  EXPECT_THAT(take(), ElementsAre("4 Forbidden: members only", "4 Forbidden: members only",
                                  "4 Forbidden: the origin is not allowed",
                                  "3 Bad request: rejected by a middleware"));
}

TEST_F(connection_error_test, is_called_for_limits) {
  engine_opts.max_sessions = 1;
  start();
  auto c = connect();
  open_polling(c);
  c.get(polling);
  EXPECT_THAT(take(), ElementsAre("503 No new sessions at present: max_sessions"));
}

}  // namespace
}  // namespace emostream::server

// The option `transports`.
#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";
constexpr auto unknown = R"({"code":0,"message":"Transport unknown"})";

struct transports_test : engineio_fixture {
  void enable(engineio::transport t) { engine_opts.protocol.transports = {t}; }
};

TEST_F(transports_test, without_polling_only_websockets_are_accepted) {
  enable(engineio::transport::websocket);
  start();
  auto c = connect();
  EXPECT_EQ(c.get(polling).body, unknown);
  EXPECT_EQ(connect().upgrade(polling).body, "Transport unknown");
  auto w = open_websocket();
  w.send_text("4hi");
  EXPECT_EQ(w.read_content(), "4hi");
}

TEST_F(transports_test, without_websockets_an_upgrade_request_is_like_any_other) {
  enable(engineio::transport::polling);
  start();
  auto c = connect();
  const auto opened = c.get(polling);
  EXPECT_NE(opened.body.find(R"("upgrades":[])"), std::string::npos);
  const auto rejected = c.upgrade(websocket);
  EXPECT_EQ(rejected.status, 400);
  EXPECT_EQ(rejected.body, unknown);
  EXPECT_EQ(c.upgrade(std::string(websocket) + "&sid=" + sid_of(opened.body)).body, unknown);
  EXPECT_EQ(c.upgrade(polling).status, 200) << "the Upgrade header is ignored";
  EXPECT_EQ(c.post(std::string(polling) + "&sid=" + sid_of(opened.body), "4hi").body, "ok");
}

}  // namespace
}  // namespace emostream::server

#include <stdexcept>

#include "server/engineio/engineio_fixture.hpp"

namespace emostream::server {
namespace {

constexpr auto polling = "/engine.io/?EIO=4&transport=polling";
constexpr auto websocket = "/engine.io/?EIO=4&transport=websocket";

/// The application chooses ids: the value of the query parameter `id`.
struct session_id_test : engineio_fixture {
  session_id_test() {
    engine_opts.generate_id = [](const request_head& head) -> std::string {
      const auto id = head.parameter("id").value();
      if (id == "throw") throw std::runtime_error("on purpose");
      return std::string(id);
    };
  }
  static std::string with_id(std::string_view target, const std::string& id) {
    return std::string(target) + "&id=" + id;
  }
};

TEST_F(session_id_test, is_chosen_by_the_application) {
  engine_opts.cookie.emplace();
  start();
  auto c = connect();
  const auto opened = c.get(with_id(polling, "Ann.1"));
  EXPECT_EQ(sid_of(opened.body), "Ann.1");
  EXPECT_TRUE(opened.header("set-cookie").starts_with("io=Ann.1;"));
  const auto session = std::string(polling) + "&sid=Ann.1";
  EXPECT_EQ(c.post(session, "4hi").body, "ok");
  EXPECT_EQ(c.get(session).body, "4hi");
  auto w = connect();
  ASSERT_EQ(w.upgrade(with_id(websocket, "Bob")).status, 101);
  EXPECT_EQ(sid_of(w.read_content()), "Bob");
}

TEST_F(session_id_test, must_be_valid) {
  start();
  auto c = connect();
  for (const auto& id : {std::string(), std::string("a%20b"), std::string("a%22"), std::string(65, 'x'),
                         std::string("throw")}) {
    EXPECT_EQ(c.get(with_id(polling, id)).body, R"({"code":3,"message":"Bad request"})") << id;
    EXPECT_EQ(connect().upgrade(with_id(websocket, id)).body, "Bad request") << id;
  }
  EXPECT_EQ(stats().sessions_opened, 0U);
  EXPECT_EQ(c.get(with_id(polling, std::string(64, 'x'))).status, 200);
}

TEST_F(session_id_test, must_not_belong_to_an_open_session_of_any_path) {
  start();
  auto c = connect();
  EXPECT_EQ(c.get(with_id(polling, "x")).status, 200);
  EXPECT_EQ(c.get(with_id(polling, "x")).status, 400);
  EXPECT_EQ(c.get(with_id("/ws/socket.io/?EIO=4&transport=polling", "x")).status, 400);
  EXPECT_EQ(c.post(std::string(polling) + "&sid=x", "1").status, 200);
  EXPECT_EQ(c.get(with_id(polling, "x")).status, 200) << "its session has been closed";
}

}  // namespace
}  // namespace emostream::server

#include "socketio/room_hooks.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

/// Records the changes of rooms. Sockets' own rooms are left out.
class room_hooks_test : public testing::Test {
 protected:
  room_hooks_test() {
    hooks.on_create([this](const std::string& room) { record("create", room); });
    hooks.on_join([this](const std::string& room, const std::string& id) { record("join", room, id); });
    hooks.on_leave([this](const std::string& room, const std::string& id) { record("leave", room, id); });
    hooks.on_delete([this](const std::string& room) { record("delete", room); });
  }
  void record(const std::string& what, const std::string& room, const std::string& id = "") {
    if (room.size() > 1) return;
    changes += what + ' ' + room;
    if (!id.empty()) changes += id == a.second->id() ? " a" : " b";
    changes += '\n';
  }
  std::string take() { return std::exchange(changes, {}); }

  test_server server;
  std::pair<test_client, std::shared_ptr<socket>> a = server.join_with_socket();
  std::pair<test_client, std::shared_ptr<socket>> b = server.join_with_socket();
  room_hooks& hooks = server.root().room_hooks();
  std::string changes;
};

TEST_F(room_hooks_test, are_called_for_each_change) {
  a.second->join({"x", "y"});
  EXPECT_EQ(take(), "create x\njoin x a\ncreate y\njoin y a\n");
  b.second->join("x");
  b.second->join("x");
  EXPECT_EQ(take(), "join x b\n");
  a.second->leave("x");
  a.second->leave("x");
  EXPECT_EQ(take(), "leave x a\n");
  server.root().sockets_join("y");
  EXPECT_EQ(take(), "join y b\n");
  b.first.send("1");
  EXPECT_EQ(take(), "leave x b\ndelete x\nleave y b\n");
  a.first.connection->on_close("transport close");
  EXPECT_EQ(take(), "leave y a\ndelete y\n");
}

TEST_F(room_hooks_test, are_called_for_the_rooms_of_sockets_themselves_and_of_middlewares) {
  std::string joined;
  hooks.on_join(
      [&](const std::string& room, const std::string& id) { joined += room == id ? "own " : room; });
  server.root().use([](const std::shared_ptr<socket>& s, const next& proceed) {
    s->join("~x");
    proceed();
  });
  const test_client client = server.join();
  EXPECT_EQ(joined, "own ~x");
}

TEST_F(room_hooks_test, may_change_rooms_and_disconnect_sockets) {
  hooks.on_create([&](const std::string& room) {
    if (room == "x") a.second->leave("x");
    if (room == "y") a.second->disconnect();
  });
  hooks.on_leave([&](const std::string& room, const std::string& id) {
    EXPECT_FALSE(room == "z" && a.second->join("w")) << "the socket is disconnected";
    if (room == "x") return;
    if (id == a.second->id()) a.second->disconnect(true);
  });
  hooks.on_join([](const std::string&, const std::string&) { throw std::runtime_error("a bug"); });
  a.second->join("x");
  EXPECT_FALSE(a.second->rooms().contains("x"));
  a.second->join("z");
  a.second->join("y");
  EXPECT_FALSE(a.second->connected());
  EXPECT_EQ(server.root().socket_count(), 1U);
  const auto rooms = server.root().rooms();
  EXPECT_EQ(rooms.size(), 1U) << "the room of the other socket";
  b.second->join("z");
  server.root().to("z").emit("n", 1);
  EXPECT_THAT(b.first.take(), testing::ElementsAre(R"(2["n",1])"));
}

TEST_F(room_hooks_test, do_not_report_a_member_that_has_left_again) {
  hooks.on_create([&](const std::string& room) {
    if (room == "x") a.second->leave("x");
  });
  a.second->join("x");
  EXPECT_EQ(take(), "create x\nleave x a\ndelete x\n");
}

TEST_F(room_hooks_test, no_longer_select_a_socket_that_is_disconnected) {
  a.second->join("x");
  std::size_t count = 1;
  hooks.on_leave([&](const std::string& room, const std::string&) {
    if (room == "x") count = server.root().rooms().contains("x") ? 1 : 0;
  });
  a.second->disconnect();
  EXPECT_EQ(count, 0U);
}

TEST_F(room_hooks_test, may_emit_after_the_client_has_received_connect) {
  hooks.on_join([&](const std::string& room, const std::string&) { server.root().to(room).emit("joined"); });
  const test_client client = server.open();
  client.send("0");
  EXPECT_THAT(client.take(), testing::ElementsAre(testing::StartsWith("0{"), R"(2["joined"])"));
}

TEST_F(room_hooks_test, may_disconnect_a_socket_that_is_connecting) {
  hooks.on_create([&](const std::string& room) {
    if (const auto s = server.root().find(room)) s->disconnect();
  });
  bool connected = false;
  server.root().on_connection([&](const std::shared_ptr<socket>&) { connected = true; });
  const test_client client = server.join();
  EXPECT_FALSE(connected);
  EXPECT_EQ(server.root().socket_count(), 2U);
}

}  // namespace
}  // namespace emostream::socketio::test

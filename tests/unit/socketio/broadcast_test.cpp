#include "socketio/broadcast.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/harness.hpp"
#include "socketio/packet.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Three sockets: `a` in room x, `b` in x and y, `c` in y.
class room_test : public testing::Test {
 protected:
  room_test() {
    a.second->join("x");
    b.second->join("x");
    b.second->join("y");
    c.second->join("y");
  }
  /// The sockets that received an event since the last call; each may receive at most one.
  std::string receivers() {
    std::string got;
    for (const auto& [name, client] : {std::pair{'a', a.first}, {'b', b.first}, {'c', c.first}}) {
      const auto texts = client.take();
      EXPECT_LE(texts.size(), 1U);
      if (!texts.empty()) got += name;
    }
    return got;
  }

  test_server server;
  std::pair<test_client, std::shared_ptr<socket>> a = server.join_with_socket();
  std::pair<test_client, std::shared_ptr<socket>> b = server.join_with_socket();
  std::pair<test_client, std::shared_ptr<socket>> c = server.join_with_socket();
};

TEST_F(room_test, broadcast_reaches_the_selected_rooms) {
  server.root().emit("n", 1);
  EXPECT_EQ(receivers(), "abc");
  server.root().to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "ab");
  server.root().to("x").to("y").emit("n", 1);
  EXPECT_EQ(receivers(), "abc");
  server.root().to("x").except("y").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  server.root().except("x").emit("n", 1);
  EXPECT_EQ(receivers(), "c");
  server.root().except("x").except("y").emit("n", 1);
  EXPECT_EQ(receivers(), "");
  server.root().to("empty").emit("n", 1);
  EXPECT_EQ(receivers(), "");
  server.root().to("empty").to("y").emit("n", 1);
  EXPECT_EQ(receivers(), "bc");
}

TEST_F(room_test, broadcast_of_a_socket_excludes_itself) {
  b.second->to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  c.second->to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "ab");
}

TEST_F(room_test, broadcasts_can_be_kept_and_are_not_changed_by_modifiers) {
  const broadcast everyone = a.second->others();
  const broadcast in_x = everyone.to("x");
  const broadcast not_in_y = everyone.except("y");
  EXPECT_EQ((in_x.to("y").emit("n", 1), receivers()), "bc");
  EXPECT_EQ((in_x.in("y").local().volatile_().compress(false).emit("n", 1), receivers()), "bc");
  EXPECT_EQ((in_x.emit("n", 1), receivers()), "b");
  EXPECT_EQ((not_in_y.emit("n", 1), receivers()), "");
  EXPECT_EQ((everyone.emit("n", 1), receivers()), "bc");
  in_x.timeout(milliseconds(1)).emit("n", {}, [](std::error_code, const std::vector<arguments>&) {});
  EXPECT_EQ(server->deadline(), server.now() + milliseconds(1));
}

TEST_F(room_test, several_rooms_can_be_named_at_once) {
  const std::string x = "x";
  const std::vector<std::string> both = {"x", "y"};
  EXPECT_EQ((server.root().to({"x", "y"}).emit("n", 1), receivers()), "abc");
  EXPECT_EQ((server.root().in(both).emit("n", 1), receivers()), "abc");
  EXPECT_EQ((server.root().except({x, std::string("empty")}).emit("n", 1), receivers()), "c");
  EXPECT_EQ((b.second->to({"x", "y"}).emit("n", 1), receivers()), "ac");
  EXPECT_EQ((b.second->except(both).emit("n", 1), receivers()), "");
  EXPECT_TRUE(a.second->join({"p", "q"}));
  EXPECT_THAT(a.second->rooms(), testing::UnorderedElementsAre(a.second->id(), "x", "p", "q"));
  a.second->leave({"x", "p", "never joined"});
  EXPECT_THAT(a.second->rooms(), testing::UnorderedElementsAre(a.second->id(), "q"));
  server.root().to(std::string_view("q")).sockets_join(both);
  server.root().sockets_leave("q");
  EXPECT_THAT(a.second->rooms(), testing::UnorderedElementsAre(a.second->id(), "x", "y"));
  EXPECT_EQ((server.root().to({}).emit("n", 1), receivers()), "abc") << "no room was added";
}

TEST_F(room_test, each_socket_has_a_room_with_its_id) {
  server.root().to(c.second->id()).emit("n", 1);
  EXPECT_EQ(receivers(), "c");
  a.second->to(b.second->id()).emit("n", 1);
  EXPECT_EQ(receivers(), "b");
}

TEST_F(room_test, sockets_leave_rooms) {
  b.second->leave("x");
  b.second->leave("never joined");
  server.root().to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  EXPECT_THAT(b.second->rooms(), testing::UnorderedElementsAre(b.second->id(), "y"));
  a.first.connection->on_close("transport close");
  server.root().to("x").emit("n", 1);
  server.root().emit("n", 1);
  EXPECT_EQ(receivers(), "bc");
  EXPECT_FALSE(a.second->join("x"));
  a.second->leave("x");
  EXPECT_THAT(a.second->rooms(), IsEmpty());
}

TEST_F(room_test, rooms_per_socket_are_limited) {
  options limits;
  limits.max_rooms = 3;
  test_server small_server(limits);
  const auto [client, s] = small_server.join_with_socket();
  EXPECT_TRUE(s->join("1"));
  EXPECT_TRUE(s->join("2"));
  EXPECT_FALSE(s->join("3"));
  EXPECT_TRUE(s->join("2")) << "it has joined that room already";
  EXPECT_FALSE(s->join({"2", "4"}));
  s->leave("1");
  EXPECT_TRUE(s->join("3"));
}

TEST_F(room_test, rooms_are_separate_per_namespace) {
  const auto [client, s] = server.join_with_socket("/other");
  s->join("x");
  server->of("/other").to("x").emit("n", 1);
  EXPECT_THAT(client.take(), ElementsAre(R"(2/other,["n",1])"));
  EXPECT_EQ(receivers(), "");
}

TEST_F(room_test, broadcast_is_encoded_once) {
  arguments binary;
  binary.values.push_back(binary.attach(message::bytes("image").data));
  server.root().to("x").to("y").emit("n", binary);
  std::set<shared_bytes> texts;
  for (const auto& client : {a.first, b.first, c.first}) {
    ASSERT_EQ(client.out->sent.size(), 2U);
    texts.insert(client.out->sent[0].data);
    EXPECT_EQ(client.out->sent[1].data, binary.attachments[0]);
  }
  EXPECT_EQ(texts.size(), 1U);
}

TEST_F(room_test, broadcast_without_receivers_is_not_encoded) {
  arguments too_many;
  for (std::size_t i = 0; i <= max_encoded_attachments; ++i) too_many.attach(message::bytes("x").data);
  EXPECT_NO_THROW(server.root().to("empty").emit("n", too_many));
  EXPECT_THROW(server.root().to("x").emit("n", too_many), std::invalid_argument);
}

TEST_F(room_test, sockets_can_be_disconnected_while_visiting) {
  b.second->on_disconnect([&](disconnect_reason) { c.second->disconnect(); });
  int visited = 0;
  server.root().for_each([&](const std::shared_ptr<socket>& s) {
    ++visited;
    s->disconnect();
  });
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(server.root().socket_count(), 0U);
}

/// Records changes of rooms and broadcasts; pretends that there are two servers.
class recording_adapter final : public adapter {
 public:
  explicit recording_adapter(std::vector<std::string>& log) : log_(log) {}
  void join(const std::shared_ptr<socket>&, const std::string& room) override {
    log_.push_back("join " + room);
  }
  void leave(const std::shared_ptr<socket>&, std::string_view room) override {
    log_.push_back("leave " + std::string(room));
  }
  void broadcast(const selection& to, std::string_view name, const arguments& args) override {
    log_.push_back("broadcast " + std::string(name) + " to " + to.rooms.at(0) + " " +
                   boost::json::serialize(args.values));
  }
  void broadcast(const selection& to, std::string_view name, const arguments&, milliseconds,
                 const ack_sink& sink) override {
    log_.push_back("broadcast with acknowledgements " + std::string(name) + (to.local ? " locally" : ""));
    last_sink = sink;
  }
  void for_each(const selection&, const visitor&) override {}
  void server_count(std::function<void(result<std::size_t>)> done) override { done(2); }

  ack_sink last_sink;

 private:
  std::vector<std::string>& log_;
};

TEST(adapter, is_called_for_changes_of_rooms_and_broadcasts) {
  test_server server;
  std::vector<std::string> log;
  server.root().set_adapter(std::make_unique<recording_adapter>(log));
  const auto [client, s] = server.join_with_socket();
  const std::string id = s->id();
  s->join("~x");
  server.root().to("~x").emit("n", 1);
  client.connection->on_close("transport close");
  EXPECT_THAT(log, ElementsAre("join " + id, "join ~x", "broadcast n to ~x [1]", "leave " + id, "leave ~x"));
}

TEST(adapter, acknowledgements_of_several_servers_are_collected) {
  test_server server;
  std::vector<std::string> log;
  auto adapter = std::make_unique<recording_adapter>(log);
  const auto& cluster = *adapter;
  server.root().set_adapter(std::move(adapter));
  int calls = 0;
  server.root().emit("q", {}, [&](std::error_code why, const std::vector<arguments>& answers) {
    ++calls;
    EXPECT_FALSE(why);
    EXPECT_EQ(answers.size(), 2U);
  });
  EXPECT_THAT(log, ElementsAre("broadcast with acknowledgements q"));
  cluster.last_sink.expect(0);
  cluster.last_sink.answer(args({1}));
  cluster.last_sink.answer(args({2}));
  EXPECT_EQ(calls, 0) << "one server has not reported its number of sockets";
  cluster.last_sink.expect(2);
  EXPECT_EQ(calls, 1);
}

TEST(adapter, broadcast_times_out_if_a_server_does_not_answer) {
  test_server server;
  std::vector<std::string> log;
  server.root().set_adapter(std::make_unique<recording_adapter>(log));
  std::error_code failed;
  server.root().emit("q", {}, [&](std::error_code why, const std::vector<arguments>&) { failed = why; });
  server.advance(broadcast::default_timeout);
  EXPECT_EQ(failed, error::ack_timeout);
}

}  // namespace
}  // namespace emostream::socketio::test

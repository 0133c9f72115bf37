#include "socketio/broadcast.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/harness.hpp"
#include "socketio/packet.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Three sockets: `a` in room x, `b` in x and y, `c` in y.
class rooms : public testing::Test {
 protected:
  rooms() {
    a.second->join("x");
    b.second->join("x");
    b.second->join("y");
    c.second->join("y");
  }
  /// Who got something since the last call; everybody at most once.
  std::string receivers() {
    std::string got;
    for (const auto& [name, p] : {std::pair{'a', a.first}, {'b', b.first}, {'c', c.first}}) {
      const auto texts = p.take();
      EXPECT_LE(texts.size(), 1U);
      if (!texts.empty()) got += name;
    }
    return got;
  }

  world w;
  std::pair<peer, std::shared_ptr<socket>> a = w.join_with_socket();
  std::pair<peer, std::shared_ptr<socket>> b = w.join_with_socket();
  std::pair<peer, std::shared_ptr<socket>> c = w.join_with_socket();
};

TEST_F(rooms, choose_who_hears_a_broadcast) {
  w.root().emit("n", 1);
  EXPECT_EQ(receivers(), "abc");
  w.root().to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "ab");
  w.root().to("x").to("y").emit("n", 1);
  EXPECT_EQ(receivers(), "abc");
  w.root().to("x").except("y").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  w.root().except("x").emit("n", 1);
  EXPECT_EQ(receivers(), "c");
  w.root().except("x").except("y").emit("n", 1);
  EXPECT_EQ(receivers(), "");
  w.root().to("nobody").emit("n", 1);
  EXPECT_EQ(receivers(), "");
  w.root().to("nobody").to("y").emit("n", 1);
  EXPECT_EQ(receivers(), "bc");
}

TEST_F(rooms, of_a_socket_are_told_of_by_it_but_not_to_it) {
  b.second->to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  c.second->to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "ab");
  broadcast later = a.second->to("x");
  later.to("y").except("nobody");
  later.emit("n", args({1, 2}));
  EXPECT_EQ(receivers(), "bc");
}

TEST_F(rooms, include_one_for_each_id) {
  w.root().to(c.second->id()).emit("n", 1);
  EXPECT_EQ(receivers(), "c");
  a.second->to(b.second->id()).emit("n", 1);
  EXPECT_EQ(receivers(), "b");
}

TEST_F(rooms, are_left) {
  b.second->leave("x");
  b.second->leave("never joined");
  w.root().to("x").emit("n", 1);
  EXPECT_EQ(receivers(), "a");
  EXPECT_THAT(b.second->rooms(), testing::UnorderedElementsAre(b.second->id(), "y"));
  a.first.connection->on_close("transport close");
  w.root().to("x").emit("n", 1);
  w.root().emit("n", 1);
  EXPECT_EQ(receivers(), "bc");
  EXPECT_FALSE(a.second->join("x"));
  a.second->leave("x");
  EXPECT_THAT(a.second->rooms(), IsEmpty());
}

TEST_F(rooms, are_bounded_for_each_socket) {
  options limits;
  limits.max_rooms = 3;
  world small(limits);
  const auto [p, s] = small.join_with_socket();
  EXPECT_TRUE(s->join("1"));
  EXPECT_TRUE(s->join("2"));
  EXPECT_FALSE(s->join("3"));
  EXPECT_TRUE(s->join("2")) << "it is there already";
  s->leave("1");
  EXPECT_TRUE(s->join("3"));
}

TEST_F(rooms, of_another_namespace_are_others) {
  const auto [p, s] = w.join_with_socket("/other");
  s->join("x");
  w->of("/other").to("x").emit("n", 1);
  EXPECT_THAT(p.take(), ElementsAre(R"(2/other,["n",1])"));
  EXPECT_EQ(receivers(), "");
}

TEST_F(rooms, hear_a_broadcast_that_was_encoded_once) {
  arguments binary;
  binary.values.push_back(binary.attach(message::bytes("image").data));
  w.root().to("x").to("y").emit("n", binary);
  std::set<shared_bytes> texts;
  for (const auto& p : {a.first, b.first, c.first}) {
    ASSERT_EQ(p.out->sent.size(), 2U);
    texts.insert(p.out->sent[0].data);
    EXPECT_EQ(p.out->sent[1].data, binary.attachments[0]);
  }
  EXPECT_EQ(texts.size(), 1U);
}

TEST_F(rooms, without_members_cost_no_encoding) {
  arguments too_many;
  for (std::size_t i = 0; i <= max_encoded_attachments; ++i) too_many.attach(message::bytes("x").data);
  EXPECT_NO_THROW(w.root().to("nobody").emit("n", too_many));
  EXPECT_THROW(w.root().to("x").emit("n", too_many), std::invalid_argument);
}

TEST_F(rooms, may_change_while_they_are_visited) {
  b.second->on_disconnect([&](disconnect_reason) { c.second->disconnect(); });
  int visited = 0;
  w.root().for_each([&](const std::shared_ptr<socket>& s) {
    ++visited;
    s->disconnect();
  });
  EXPECT_EQ(visited, 3);
  EXPECT_EQ(w.root().socket_count(), 0U);
}

/// An adapter that spans servers would publish what it is given.
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
                 const answer_sink& answers) override {
    log_.push_back("ask " + std::string(name) + (to.local ? " here" : ""));
    sink = answers;
  }
  void for_each(const selection&, const visitor&) override {}
  void server_count(std::function<void(result<std::size_t>)> done) override { done(2); }

  answer_sink sink;

 private:
  std::vector<std::string>& log_;
};

TEST(adapter, sees_all_that_happens_to_rooms) {
  world w;
  std::vector<std::string> log;
  w.root().set_adapter(std::make_unique<recording_adapter>(log));
  const auto [p, s] = w.join_with_socket();
  const std::string id = s->id();
  s->join("~x");
  w.root().to("~x").emit("n", 1);
  p.connection->on_close("transport close");
  EXPECT_THAT(log, ElementsAre("join " + id, "join ~x", "broadcast n to ~x [1]", "leave " + id, "leave ~x"));
}

TEST(adapter, of_a_cluster_reports_for_its_servers) {
  world w;
  std::vector<std::string> log;
  auto made = std::make_unique<recording_adapter>(log);
  const auto& cluster = *made;
  w.root().set_adapter(std::move(made));
  int calls = 0;
  w.root().emit("q", {}, [&](std::error_code why, const std::vector<arguments>& answers) {
    ++calls;
    EXPECT_FALSE(why);
    EXPECT_EQ(answers.size(), 2U);
  });
  EXPECT_THAT(log, ElementsAre("ask q"));
  cluster.sink.expect(0);
  cluster.sink.answer(args({1}));
  cluster.sink.answer(args({2}));
  EXPECT_EQ(calls, 0) << "one server has not said whom it asks";
  cluster.sink.expect(2);
  EXPECT_EQ(calls, 1);
}

TEST(adapter, of_a_cluster_is_not_waited_for_too_long) {
  world w;
  std::vector<std::string> log;
  w.root().set_adapter(std::make_unique<recording_adapter>(log));
  std::error_code failed;
  w.root().emit("q", {}, [&](std::error_code why, const std::vector<arguments>&) { failed = why; });
  w.advance(broadcast::default_timeout);
  EXPECT_EQ(failed, error::ack_timeout);
}

}  // namespace
}  // namespace emostream::socketio::test

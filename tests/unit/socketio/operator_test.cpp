#include <any>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/error.hpp"
#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr milliseconds second{1000};

/// Two sockets, `a` in room x, and what came of asking them.
class operators : public testing::Test {
 protected:
  operators() { a.second->join("x"); }

  responses_handler note() {
    return [this](std::error_code why, const std::vector<arguments>& answers) {
      ++calls;
      error_code = why;
      values.clear();
      for (const auto& answer : answers) values.push_back(boost::json::serialize(answer.values));
    };
  }

  world w;
  std::pair<peer, std::shared_ptr<socket>> a = w.join_with_socket();
  std::pair<peer, std::shared_ptr<socket>> b = w.join_with_socket();
  int calls = 0;
  std::error_code error_code;
  std::vector<std::string> values;
};

TEST_F(operators, of_a_socket_choose_among_the_others) {
  a.second->others().emit("n", 1);
  a.second->local().emit("n", 2);
  a.second->except("x").emit("n", 3);
  b.second->except("x").emit("n", 4);
  b.second->in("x").compress(false).emit("n", 5);
  EXPECT_THAT(a.first.take(), ElementsAre(R"(2["n",5])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(2["n",1])", R"(2["n",2])", R"(2["n",3])"));
}

TEST_F(operators, make_an_event_volatile) {
  a.first.out->buffered = 1;
  w.root().volatile_().emit("n", 1);
  w.root().in("x").volatile_().local().compress(true).emit("n", 2);
  a.second->emit_volatile("n", args({3}));
  b.second->emit_volatile("n", args({4}));
  w.root().emit("n", 5);
  EXPECT_THAT(a.first.take(), ElementsAre(R"(2["n",5])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(2["n",1])", R"(2["n",4])", R"(2["n",5])"));
}

TEST_F(operators, ask_several_and_collect_their_answers) {
  w.root().emit("q", args({"?"}), note());
  EXPECT_THAT(a.first.take(), ElementsAre(R"(20["q","?"])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(20["q","?"])"));
  b.first.send(R"(30["yes"])");
  b.first.send(R"(30["twice"])");
  EXPECT_EQ(calls, 0);
  a.first.send(R"(30["no",7])");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, ElementsAre(R"(["yes"])", R"(["no",7])"));
  w.advance(second * 10);
  EXPECT_EQ(calls, 1);
}

TEST_F(operators, tell_who_answered_when_time_is_up) {
  w.root().timeout(second).emit("q", {}, note());
  a.first.send(R"(30["only"])");
  w.advance(second - milliseconds(1));
  EXPECT_EQ(calls, 0);
  w.advance(milliseconds(1));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error_code, error::ack_timeout);
  EXPECT_THAT(values, ElementsAre(R"(["only"])"));
  b.first.send(R"(30["late"])");
  EXPECT_EQ(calls, 1);
}

TEST_F(operators, do_not_wait_for_who_is_gone) {
  w.root().emit("q", {}, note());
  a.first.connection->on_close("transport close");
  b.first.send(R"(30[])");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error_code, error::disconnected);
  EXPECT_THAT(values, ElementsAre("[]"));
}

TEST_F(operators, asking_nobody_answer_at_once) {
  w.root().to("nobody").emit("q", {}, note());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, IsEmpty());
  EXPECT_THAT(w->deadline(), testing::Eq(std::nullopt)) << "nothing is left behind";
}

TEST_F(operators, do_not_ask_who_would_not_get_a_volatile_event) {
  a.first.out->buffered = 1;
  w.root().volatile_().emit("q", {}, note());
  EXPECT_THAT(a.first.take(), IsEmpty());
  b.first.send(R"(30[1])");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
}

TEST_F(operators, share_their_ids_with_sockets) {
  a.second->emit("one", {}, second, [](const result<arguments>&) {});
  w.root().emit("q", {}, note());
  EXPECT_THAT(a.first.take(), ElementsAre(R"(20["one"])", R"(21["q"])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(21["q"])"));
}

TEST_F(operators, tell_of_sockets) {
  a.second->data = std::string("mine");
  std::vector<remote_socket> found;
  w.root().in("x").fetch_sockets([&](result<std::vector<remote_socket>> r) { found = std::move(*r); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, a.second->id());
  EXPECT_THAT(found[0].rooms, UnorderedElementsAre(a.second->id(), "x"));
  EXPECT_EQ(std::any_cast<std::string>(found[0].data), "mine");
  EXPECT_EQ(found[0].handshake.time, a.second->handshake().time);
  w.root().fetch_sockets([&](result<std::vector<remote_socket>> r) { found = std::move(*r); });
  EXPECT_EQ(found.size(), 2U);
}

TEST_F(operators, move_sockets_between_rooms) {
  w.root().sockets_join({"y", "z"});
  w.root().in("x").sockets_leave({"y", "never there"});
  EXPECT_THAT(a.second->rooms(), UnorderedElementsAre(a.second->id(), "x", "z"));
  EXPECT_THAT(b.second->rooms(), UnorderedElementsAre(b.second->id(), "y", "z"));
}

TEST_F(operators, disconnect_sockets) {
  w.root().except("x").disconnect_sockets();
  EXPECT_FALSE(b.second->connected());
  EXPECT_FALSE(b.first.closed());
  EXPECT_TRUE(a.second->connected());
  w.root().disconnect_sockets(true);
  EXPECT_TRUE(a.first.closed());
}

TEST_F(operators, emit_to_other_servers_of_which_there_are_none) {
  w.root().on_server_side("x", [](event&) { FAIL(); });
  w.root().server_side_emit("x", {});
  w.root().server_side_emit("x", {}, second, note());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, IsEmpty());
}

TEST_F(operators, hand_over_what_another_server_emits) {
  std::string heard;
  w.root().on_server_side("x", [&](event& e) { heard += e.args.at(0).as_string(); });
  event e{"x", args({"hello"}), {}};
  w.root().receive_server_side(e);
  e.name = "y";
  w.root().receive_server_side(e);
  EXPECT_EQ(heard, "hello");
}

}  // namespace
}  // namespace emostream::socketio::test

#include <any>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
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

/// Two sockets, `a` in room x, and the result of a broadcast with acknowledgements.
class operator_test : public testing::Test {
 protected:
  operator_test() { a.second->join("x"); }

  responses_handler record() {
    return [this](std::error_code why, const std::vector<arguments>& answers) {
      ++calls;
      error_code = why;
      values.clear();
      for (const auto& answer : answers) values.push_back(boost::json::serialize(answer.values));
    };
  }

  test_server server;
  std::pair<test_client, std::shared_ptr<socket>> a = server.join_with_socket();
  std::pair<test_client, std::shared_ptr<socket>> b = server.join_with_socket();
  int calls = 0;
  std::error_code error_code;
  std::vector<std::string> values;
};

TEST_F(operator_test, all_broadcasts_of_a_socket_exclude_it) {
  a.second->others().emit("n", 1);
  a.second->local().emit("n", 2);
  a.second->except("x").emit("n", 3);
  b.second->except("x").emit("n", 4);
  b.second->in("x").compress(false).emit("n", 5);
  EXPECT_THAT(a.first.take(), ElementsAre(R"(2["n",5])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(2["n",1])", R"(2["n",2])", R"(2["n",3])"));
}

TEST_F(operator_test, volatile_skips_clients_with_buffered_data) {
  a.first.out->buffered = 1;
  server.root().volatile_().emit("n", 1);
  server.root().in("x").volatile_().local().compress(true).emit("n", 2);
  a.second->volatile_().emit("n", 3);
  b.second->volatile_().emit("n", 4);
  server.root().emit("n", 5);
  EXPECT_THAT(a.first.take(), ElementsAre(R"(2["n",5])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(2["n",1])", R"(2["n",4])", R"(2["n",5])"));
}

TEST_F(operator_test, collects_acknowledgements) {
  server.root().emit("q", args({"?"}), record());
  EXPECT_THAT(a.first.take(), ElementsAre(R"(20["q","?"])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(20["q","?"])"));
  b.first.send(R"(30["yes"])");
  b.first.send(R"(30["twice"])");
  EXPECT_EQ(calls, 0);
  a.first.send(R"(30["no",7])");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, ElementsAre(R"(["yes"])", R"(["no",7])"));
  server.advance(second * 10);
  EXPECT_EQ(calls, 1);
}

TEST_F(operator_test, reports_partial_acknowledgements_after_the_timeout) {
  server.root().timeout(second).emit("q", {}, record());
  a.first.send(R"(30["only"])");
  server.advance(second - milliseconds(1));
  EXPECT_EQ(calls, 0);
  server.advance(milliseconds(1));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error_code, error::ack_timeout);
  EXPECT_THAT(values, ElementsAre(R"(["only"])"));
  b.first.send(R"(30["late"])");
  EXPECT_EQ(calls, 1);
}

TEST_F(operator_test, does_not_wait_for_disconnected_sockets) {
  server.root().emit("q", {}, record());
  a.first.connection->on_close("transport close");
  b.first.send(R"(30[])");
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(error_code, error::disconnected);
  EXPECT_THAT(values, ElementsAre("[]"));
}

TEST_F(operator_test, completes_immediately_without_receivers) {
  server.root().to("empty").emit("q", {}, record());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, IsEmpty());
  EXPECT_THAT(server->deadline(), testing::Eq(std::nullopt)) << "no timer is left";
}

TEST_F(operator_test, does_not_wait_for_clients_skipped_by_volatile) {
  a.first.out->buffered = 1;
  server.root().volatile_().emit("q", {}, record());
  EXPECT_THAT(a.first.take(), IsEmpty());
  b.first.send(R"(30[1])");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
}

TEST_F(operator_test, broadcasts_and_emits_never_use_the_same_acknowledgement_id) {
  a.second->emit("one", {}, second, [](const result<arguments>&) {});
  server.root().emit("q", {}, record());
  EXPECT_THAT(a.first.take(), ElementsAre(R"(20["one"])", R"(21["q"])"));
  EXPECT_THAT(b.first.take(), ElementsAre(R"(21["q"])"));
}

TEST_F(operator_test, fetches_sockets) {
  a.second->data = std::string("mine");
  std::vector<remote_socket> found;
  server.root().in("x").fetch_sockets([&](result<std::vector<remote_socket>> r) { found = std::move(*r); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, a.second->id());
  EXPECT_THAT(found[0].rooms, UnorderedElementsAre(a.second->id(), "x"));
  EXPECT_EQ(std::any_cast<std::string>(found[0].data), "mine");
  EXPECT_EQ(found[0].handshake.time, a.second->handshake().time);
  server.root().fetch_sockets([&](result<std::vector<remote_socket>> r) { found = std::move(*r); });
  EXPECT_EQ(found.size(), 2U);
}

TEST_F(operator_test, changes_the_rooms_of_sockets) {
  server.root().sockets_join({"y", "z"});
  server.root().in("x").sockets_leave({"y", "never joined"});
  EXPECT_THAT(a.second->rooms(), UnorderedElementsAre(a.second->id(), "x", "z"));
  EXPECT_THAT(b.second->rooms(), UnorderedElementsAre(b.second->id(), "y", "z"));
}

TEST_F(operator_test, disconnects_sockets) {
  server.root().except("x").disconnect_sockets();
  EXPECT_FALSE(b.second->connected());
  EXPECT_FALSE(b.first.closed());
  EXPECT_TRUE(a.second->connected());
  server.root().disconnect_sockets(true);
  EXPECT_TRUE(a.first.closed());
}

TEST_F(operator_test, server_side_emit_completes_without_other_servers) {
  server.root().on_server_side("x", [](event&) { FAIL(); });
  server.root().server_side_emit("x", {});
  server.root().server_side_emit("x", {}, second, record());
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(error_code);
  EXPECT_THAT(values, IsEmpty());
}

TEST_F(operator_test, passes_events_of_other_servers_to_the_handler) {
  std::string called;
  server.root().on_server_side("x", [&](event& e) { called += e.args.at(0).as_string(); });
  event e{"x", args({"hello"}), {}};
  server.root().receive_server_side(e);
  e.name = "y";
  server.root().receive_server_side(e);
  EXPECT_EQ(called, "hello");
}

}  // namespace
}  // namespace emostream::socketio::test

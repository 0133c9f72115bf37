#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class disconnect_test : public testing::Test {
 protected:
  disconnect_test() {
    s->on_disconnect([this](disconnect_reason reason) {
      EXPECT_FALSE(s->connected());
      reasons.emplace_back(reason);
    });
    EXPECT_EQ(server.root().socket_count(), 1U);
  }

  test_server server;
  std::pair<test_client, std::shared_ptr<socket>> joined = server.join_with_socket();
  test_client& p = joined.first;
  std::shared_ptr<socket>& s = joined.second;
  std::vector<std::string> reasons;
};

TEST_F(disconnect_test, disconnect_by_the_client_keeps_the_connection_open) {
  p.send("1");
  EXPECT_THAT(reasons, ElementsAre("client namespace disconnect"));
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_FALSE(p.closed());
  EXPECT_THAT(p.take(), IsEmpty());
  p.send("0");
  EXPECT_EQ(server.root().socket_count(), 1U) << "it can connect again";
}

TEST_F(disconnect_test, disconnect_by_the_server_notifies_the_client) {
  s->disconnect();
  EXPECT_THAT(reasons, ElementsAre("server namespace disconnect"));
  EXPECT_THAT(p.take(), ElementsAre("1"));
  EXPECT_FALSE(p.closed());
  s->disconnect();
  s->disconnect(true);
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(disconnect_test, packets_in_flight_are_ignored_after_a_disconnect_by_the_server) {
  s->disconnect();
  p.send(R"(2["late"])");
  p.send(R"(51-["late",{"_placeholder":true,"num":0}])");
  p.send_binary("x");
  p.send("1");
  EXPECT_FALSE(p.closed());
  p.send("0");
  p.send("1");
  p.send(R"(2["after its own disconnect"])");
  EXPECT_TRUE(p.closed());
}

TEST_F(disconnect_test, closing_the_connection_leaves_all_namespaces) {
  server->of("/a");
  p.send("0/a,");
  (void)p.take();
  s->disconnect(true);
  EXPECT_THAT(reasons, ElementsAre("server namespace disconnect"));
  EXPECT_THAT(p.take(), ElementsAre("1", "1/a,"));
  EXPECT_EQ(p.out->closes, 1);
  EXPECT_EQ(server->of("/a").socket_count(), 0U);
  p.send(R"(2["x"])");
  p.connection->on_close("forced server close");
  EXPECT_EQ(reasons.size(), 1U);
  EXPECT_EQ(p.out->closes, 1);
}

TEST_F(disconnect_test, reports_the_reason_of_the_transport) {
  p.connection->on_close("ping timeout");
  EXPECT_THAT(reasons, ElementsAre("ping timeout"));
  p.connection->on_close("transport close");
  p.send("0");
  EXPECT_EQ(reasons.size(), 1U);
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_FALSE(p.closed()) << "the transport is closed already";
}

TEST_F(disconnect_test, invalid_packets_disconnect_the_client) {
  p.send("nonsense");
  EXPECT_THAT(reasons, ElementsAre("parse error"));
  EXPECT_EQ(p.out->closes, 1);
  p.send("0");
  p.send_binary("x");
  p.connection->on_close("forced server close");
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(disconnect_test, calls_have_no_effect_afterwards) {
  p.connection->on_close("transport close");
  s->emit("x", 1);
  s->join("room");
  s->leave("room");
  s->to("room").emit("x", 1);
  s->disconnect();
  s->deliver({}, "x", {});
  EXPECT_THAT(p.take(), IsEmpty());
  EXPECT_THAT(s->rooms(), IsEmpty());
}

TEST_F(disconnect_test, handlers_can_read_the_rooms) {
  s->join("room");
  const test_client other = [this] {
    auto [q, t] = server.join_with_socket();
    t->join("room");
    return q;
  }();
  s->on_disconnect([this](disconnect_reason) {
    EXPECT_TRUE(s->rooms().contains("room"));
    for (const auto& room : s->rooms()) s->to(room).emit("left", 1);
  });
  p.connection->on_close("transport close");
  EXPECT_THAT(other.take(), ElementsAre(R"(2["left",1])"));
}

TEST_F(disconnect_test, handlers_that_throw_are_ignored) {
  s->on_disconnect([](disconnect_reason) { throw std::runtime_error("a bug"); });
  server->of("/a");
  p.send("0/a,");
  p.connection->on_close("transport close");
  EXPECT_EQ(server.root().socket_count() + server->of("/a").socket_count(), 0U);
}

TEST_F(disconnect_test, releases_handlers_that_own_the_socket) {
  auto [q, t] = server.join_with_socket();
  const std::weak_ptr<socket> watched = t;
  t->on("x", [t = t](event&) {});
  t->on_any([t = t](std::string_view, const arguments&) {});
  t->on_unhandled([t = t](event&) {});
  t->use([t = t](event&, const next&) {});
  t->on_disconnect([t = t](disconnect_reason) {});
  t->emit("y", {}, milliseconds(10), [t = t](const result<arguments>&) {});
  t.reset();
  q.send("1");
  EXPECT_TRUE(watched.expired());
}

TEST_F(disconnect_test, destroying_the_client_calls_no_handlers) {
  s->emit("y", {}, milliseconds(10), [](const result<arguments>&) { FAIL(); });
  s->join("room");
  joined.first.connection.reset();
  EXPECT_FALSE(s->connected());
  EXPECT_EQ(server.root().socket_count(), 0U);
  s->emit("x", 1);
  server.advance(milliseconds(100));
  EXPECT_THAT(reasons, IsEmpty());
}

}  // namespace
}  // namespace emostream::socketio::test

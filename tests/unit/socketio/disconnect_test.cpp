#include <memory>
#include <optional>
#include <span>
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
  test_client& client = joined.first;
  std::shared_ptr<socket>& s = joined.second;
  std::vector<std::string> reasons;
};

TEST_F(disconnect_test, disconnect_by_the_client_keeps_the_connection_open) {
  client.send("1");
  EXPECT_THAT(reasons, ElementsAre("client namespace disconnect"));
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_FALSE(client.closed());
  EXPECT_THAT(client.take(), IsEmpty());
  client.send("0");
  EXPECT_EQ(server.root().socket_count(), 1U) << "it can connect again";
}

TEST_F(disconnect_test, disconnect_by_the_server_notifies_the_client) {
  s->disconnect();
  EXPECT_THAT(reasons, ElementsAre("server namespace disconnect"));
  EXPECT_THAT(client.take(), ElementsAre("1"));
  EXPECT_FALSE(client.closed());
  s->disconnect();
  s->disconnect(true);
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(disconnect_test, packets_in_flight_are_ignored_after_a_disconnect_by_the_server) {
  s->disconnect();
  client.send(R"(2["late"])");
  client.send(R"(51-["late",{"_placeholder":true,"num":0}])");
  client.send_binary("x");
  client.send("1");
  EXPECT_FALSE(client.closed());
  client.send("0");
  client.send("1");
  client.send(R"(2["late"])");
  EXPECT_TRUE(client.closed()) << "after its own disconnect, a client must not send";
}

TEST_F(disconnect_test, closing_the_connection_leaves_all_namespaces) {
  server->of("/a");
  client.send("0/a,");
  (void)client.take();
  s->disconnect(true);
  EXPECT_THAT(reasons, ElementsAre("server namespace disconnect"));
  EXPECT_THAT(client.take(), ElementsAre("1", "1/a,"));
  EXPECT_EQ(client.out->closes, 1);
  EXPECT_EQ(server->of("/a").socket_count(), 0U);
  client.send(R"(2["x"])");
  client.connection->on_close("forced server close");
  EXPECT_EQ(reasons.size(), 1U);
  EXPECT_EQ(client.out->closes, 1);
}

TEST_F(disconnect_test, reports_the_reason_of_the_transport) {
  client.connection->on_close("ping timeout");
  EXPECT_THAT(reasons, ElementsAre("ping timeout"));
  client.connection->on_close("transport close");
  client.send("0");
  EXPECT_EQ(reasons.size(), 1U);
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_FALSE(client.closed()) << "the transport is closed already";
}

TEST_F(disconnect_test, invalid_packets_disconnect_the_client) {
  client.send("nonsense");
  EXPECT_THAT(reasons, ElementsAre("parse error"));
  EXPECT_EQ(client.out->closes, 1);
  client.send("0");
  client.send_binary("x");
  client.connection->on_close("forced server close");
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(disconnect_test, calls_have_no_effect_afterwards) {
  client.connection->on_close("transport close");
  s->emit("x", 1);
  s->join("room");
  s->leave("room");
  s->to("room").emit("x", 1);
  s->disconnect();
  s->deliver({}, "x", {});
  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_THAT(s->rooms(), IsEmpty());
}

TEST_F(disconnect_test, handlers_can_read_the_rooms) {
  s->join("room");
  const auto [other, other_socket] = server.join_with_socket();
  other_socket->join("room");
  s->on_disconnect([this](disconnect_reason) {
    EXPECT_TRUE(s->rooms().contains("room"));
    for (const auto& room : s->rooms()) s->to(room).emit("left", 1);
  });
  client.connection->on_close("transport close");
  EXPECT_THAT(other.take(), ElementsAre(R"(2["left",1])"));
}

TEST_F(disconnect_test, exceptions_in_handlers_are_ignored) {
  s->on_disconnect([](disconnect_reason) { throw std::runtime_error("a bug"); });
  server->of("/a");
  client.send("0/a,");
  client.connection->on_close("transport close");
  EXPECT_EQ(server.root().socket_count() + server->of("/a").socket_count(), 0U);
}

TEST_F(disconnect_test, releases_handlers_that_own_the_socket) {
  auto [other, other_socket] = server.join_with_socket();
  const std::weak_ptr<socket> watched = other_socket;
  other_socket->on("x", [other_socket = other_socket](event&) {});
  other_socket->on_any([other_socket = other_socket](std::string_view, const arguments&) {});
  other_socket->on_unhandled([other_socket = other_socket](event&) {});
  other_socket->use([other_socket = other_socket](event&, const next&) {});
  other_socket->on_disconnect([other_socket = other_socket](disconnect_reason) {});
  other_socket->emit("y", {}, milliseconds(10), [other_socket = other_socket](const result<arguments>&) {});
  other_socket.reset();
  other.send("1");
  EXPECT_TRUE(watched.expired());
}

/// Adds handlers of all kinds that own the socket.
void add_handlers(const std::shared_ptr<socket>& s) {
  s->on("x", [s](event&) { FAIL(); });
  s->once("x", [s](event&) { FAIL(); });
  s->on<int>("x", [s](int, event&) { FAIL(); });
  s->on_unhandled([s](event&) { FAIL(); });
  s->on_any([s](std::string_view, const arguments&) { FAIL(); });
  s->prepend_any([s](std::string_view, const arguments&) { FAIL(); });
  s->on_any_outgoing([s](std::string_view, const arguments&) { FAIL(); });
  s->use([s](event&, const next&) { FAIL(); });
  s->on_error([s](const middleware_error&) { FAIL(); });
  s->on_disconnect([s](disconnect_reason) { FAIL(); });
}

TEST_F(disconnect_test, handlers_added_afterwards_are_released) {
  auto [other, other_socket] = server.join_with_socket();
  const std::weak_ptr<socket> watched = other_socket;
  other_socket->on_disconnect([&](disconnect_reason) { add_handlers(watched.lock()); });
  other.send("1");
  add_handlers(other_socket);
  other_socket.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(disconnect_test, handlers_added_by_a_middleware_that_finishes_later_are_released) {
  std::optional<next> proceed;
  std::shared_ptr<socket> candidate;
  server->of("/slow").use([&](const std::shared_ptr<socket>& connecting, const next& n) {
    candidate = connecting;
    proceed = n;
  });
  server->of("/slow").use([](const std::shared_ptr<socket>& connecting, const next& n) {
    add_handlers(connecting);
    n();
  });
  client.send("0/slow,");
  client.connection->on_close("transport close");
  const std::weak_ptr<socket> watched = candidate;
  add_handlers(candidate);
  (*proceed)();
  candidate.reset();
  EXPECT_TRUE(watched.expired());
}

/// A transport that is closed immediately, and checks that it still exists then.
class immediate_transport final : public transport {
 public:
  explicit immediate_transport(std::weak_ptr<client>& owner, bool& destroyed)
      : owner_(owner), destroyed_(destroyed) {}
  ~immediate_transport() override { destroyed_ = true; }
  void send(std::span<const message>) override {}
  void close() override {
    owner_.lock()->on_close("forced server close");
    EXPECT_FALSE(destroyed_);
  }
  void accept_large_messages() override {}
  [[nodiscard]] std::size_t buffered_bytes() const override { return 0; }
  [[nodiscard]] bool writable() const override { return true; }
  [[nodiscard]] std::string_view name() const override { return "websocket"; }

 private:
  std::weak_ptr<client>& owner_;
  bool& destroyed_;
};

TEST_F(disconnect_test, a_transport_may_report_its_close_immediately) {
  std::weak_ptr<class client> owner;
  bool destroyed = false;
  auto connection = server->connect(std::make_unique<immediate_transport>(owner, destroyed),
                                    std::make_shared<const request_head>());
  owner = connection;
  connection->on_message(message::text("nonsense"));
  EXPECT_FALSE(destroyed);
  connection.reset();
  EXPECT_TRUE(destroyed);
}

TEST_F(disconnect_test, destroying_the_client_calls_no_handlers) {
  server.root().room_hooks().on_leave([](const std::string&, const std::string&) { FAIL(); });

  s->emit("y", {}, milliseconds(10), [](const result<arguments>&) { FAIL(); });
  s->join("room");
  client.connection.reset();
  EXPECT_FALSE(s->connected());
  EXPECT_EQ(server.root().socket_count(), 0U);
  s->emit("x", 1);
  server.advance(milliseconds(100));
  EXPECT_THAT(reasons, IsEmpty());
}

}  // namespace
}  // namespace emostream::socketio::test

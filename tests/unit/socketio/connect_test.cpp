#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(connect, response_has_a_unique_id) {
  test_server server;
  std::shared_ptr<socket> connected;
  server.root().on_connection([&](std::shared_ptr<socket> s) { connected = std::move(s); });
  const test_client client = server.open();
  client.send("0");
  EXPECT_THAT(client.take(), ElementsAre(MatchesRegex(R"(0\{"sid":"[A-Za-z0-9_-]{20}"\})")));
  ASSERT_TRUE(connected);
  EXPECT_TRUE(connected->connected());
  EXPECT_EQ(server.root().socket_count(), 1U);
  EXPECT_EQ(server.root().find(connected->id()), connected);
  EXPECT_THAT(connected->rooms(), ElementsAre(connected->id()));
  EXPECT_EQ(connected->handshake().auth, boost::json::object());

  const auto first = connected;
  const test_client other = server.join();
  EXPECT_NE(connected->id(), first->id());
}

TEST(connect, passes_the_handshake_to_the_application) {
  test_server server;
  server->of("/admin").use([](const std::shared_ptr<socket>& s, const next& proceed) {
    EXPECT_EQ(s->handshake().auth, boost::json::object({{"token", "123"}}));
    EXPECT_EQ(s->handshake().request->remote_address, "192.0.2.1");
    EXPECT_EQ(unix_seconds(s->handshake().time), 1'700'000'000.0);
    EXPECT_FALSE(s->connected());
    s->data = std::string("user");
    proceed();
  });
  request_head request;
  request.remote_address = "192.0.2.1";
  const test_client client = server.open(request);
  std::string user;
  server->of("/admin").on_connection(
      [&](const std::shared_ptr<socket>& s) { user = std::any_cast<std::string>(s->data); });
  client.send(R"(0/admin,{"token":"123"})");
  EXPECT_THAT(client.take(), ElementsAre(MatchesRegex(R"(0/admin,\{"sid":".*"\})")));
  EXPECT_EQ(user, "user");
}

TEST(connect, rejects_an_unknown_namespace_and_stays_open) {
  test_server server;
  server.root();
  const test_client client = server.open();
  client.send("0/nowhere,");
  EXPECT_THAT(client.take(), ElementsAre(R"(4/nowhere,{"message":"Invalid namespace"})"));
  EXPECT_FALSE(client.closed());
  client.send("0");
  EXPECT_EQ(server.root().socket_count(), 1U);
}

TEST(connect, supports_several_namespaces_on_one_connection) {
  test_server server;
  server->of("a");  // the leading slash is added
  const test_client client = server.join();
  client.send("0/a,");
  EXPECT_THAT(client.take(), ElementsAre(MatchesRegex(R"(0/a,\{"sid":".*"\})")));
  EXPECT_EQ(server->of("/a").socket_count(), 1U);
  EXPECT_EQ(server.root().socket_count(), 1U);
}

TEST(connect, limits_the_namespaces_per_client) {
  options limits;
  limits.max_namespaces = 1;
  test_server server(limits);
  server->of("/a");
  const test_client client = server.join();
  client.send("0/a,");
  EXPECT_THAT(client.take(), ElementsAre(R"(4/a,{"message":"Too many namespaces"})"));
  EXPECT_FALSE(client.closed());
}

TEST(connect, accepts_aliases) {
  test_server server;
  server->alias("/ws/a", "/a");
  const auto [direct, direct_socket] = server.join_with_socket("/a");
  const test_client client = server.open();
  client.send("0/ws/a,");
  EXPECT_THAT(client.take(), ElementsAre(MatchesRegex(R"(0/ws/a,\{"sid":".*"\})")));
  EXPECT_EQ(server->of("/a").socket_count(), 2U);
  EXPECT_EQ(&server->of("/ws/a"), &server->of("/a"));
  server->of("/a").emit("news", 1);
  EXPECT_THAT(direct.take(), ElementsAre(R"(2/a,["news",1])"));
  EXPECT_THAT(client.take(), ElementsAre(R"(2/ws/a,["news",1])"));
  EXPECT_THROW(server->alias("/a", "/"), std::logic_error);
}

TEST(connect, runs_middlewares_in_order) {
  test_server server;
  std::string order;
  std::optional<next> held;
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    order += '1';
    proceed();
  });
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    order += '2';
    held = proceed;
  });
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    order += '3';
    proceed();
  });
  server.root().on_connection([&](const std::shared_ptr<socket>&) { order += 'c'; });
  const test_client client = server.open();
  client.send("0");
  EXPECT_EQ(order, "12");
  EXPECT_THAT(client.take(), IsEmpty());
  EXPECT_EQ(server.root().socket_count(), 0U);
  (*held)();
  EXPECT_EQ(order, "123c");
  EXPECT_EQ(client.take().size(), 1U);
  (*held)();  // only the first call counts
  (*held)({"too late"});
  EXPECT_EQ(order, "123c");
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST(connect, middleware_rejects_with_message_and_data) {
  test_server server;
  int step = 0;
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    switch (step++) {
      case 0:
        return proceed({"Authentication required", boost::json::object({{"code", "AUTH_REQUIRED"}})});
      case 1:
        return proceed({"no"});
      case 2:
        throw std::runtime_error("a bug");
      default:
        proceed();
    }
  });
  server.root().use([](const std::shared_ptr<socket>&, const next& proceed) { proceed(); });
  const test_client client = server.open();
  client.send("0");
  client.send("0");
  client.send("0");
  EXPECT_THAT(client.take(),
              ElementsAre(R"(4{"message":"Authentication required","data":{"code":"AUTH_REQUIRED"}})",
                          R"(4{"message":"no"})", R"(4{"message":"Internal server error"})"));
  EXPECT_EQ(server.root().socket_count(), 0U);
  client.send("0");
  EXPECT_EQ(server.root().socket_count(), 1U);
}

TEST(connect, is_cancelled_if_the_client_disconnects_while_a_middleware_runs) {
  test_server server;
  std::optional<next> held;
  bool notified = false;
  server.root().use([&](const std::shared_ptr<socket>& s, const next& proceed) {
    s->on_disconnect([&](disconnect_reason) { notified = true; });
    held = proceed;
  });
  test_client client = server.open();
  client.send("0");
  client.connection->on_close("transport close");
  client.connection.reset();
  (*held)();
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_FALSE(notified) << "it was never connected";
}

TEST(connect, middleware_can_join_rooms) {
  test_server server;
  server.root().use([](const std::shared_ptr<socket>& s, const next& proceed) {
    EXPECT_TRUE(s->join("a"));
    EXPECT_TRUE(s->join("b"));
    s->leave("b");
    proceed();
  });
  const test_client client = server.join();
  server.root().to("a").emit("x", 1);
  server.root().to("b").emit("x", 2);
  EXPECT_THAT(client.take(), ElementsAre(R"(2["x",1])"));
}

TEST(connect, closes_a_client_without_a_namespace_after_a_timeout) {
  test_server server;
  const test_client idle = server.open();
  EXPECT_EQ(server->deadline(), server.now() + milliseconds(45'000));
  server.advance(milliseconds(44'999));
  EXPECT_FALSE(idle.closed());
  const test_client joined = server.join();
  server.advance(milliseconds(1));
  EXPECT_TRUE(idle.closed());
  server.advance(milliseconds(100'000));
  EXPECT_FALSE(joined.closed());
  EXPECT_EQ(server->deadline(), std::nullopt);
  joined.send("1");
  server.advance(milliseconds(45'000));
  EXPECT_TRUE(joined.closed()) << "it left its last namespace";
}

TEST(connect, timeout_includes_running_middlewares) {
  test_server server;
  server.root().use([](const std::shared_ptr<socket>&, const next&) {});
  const test_client client = server.open();
  client.send("0");
  server.advance(milliseconds(45'000));
  EXPECT_TRUE(client.closed());
}

TEST(connect, closes_on_unexpected_or_invalid_packets) {
  for (const std::string text : {R"(2["a"])", "1", "30[]", R"(4{"message":"x"})"}) {
    test_server server;
    server.root();
    const test_client client = server.open();
    client.send(text);
    EXPECT_TRUE(client.closed()) << text;
  }
  for (const std::string text : {"0", R"(4{"message":"x"})", "2", "x", R"(2/other,["a"])"}) {
    test_server server;
    const test_client client = server.join();
    client.send(text);
    EXPECT_TRUE(client.closed()) << text;
    EXPECT_EQ(server.root().socket_count(), 0U);
  }
  test_server server;
  server.root().use([](const std::shared_ptr<socket>&, const next&) {});
  const test_client client = server.open();
  client.send("0");
  client.send(R"(2["early"])");
  EXPECT_TRUE(client.closed());
}

TEST(connect, exceptions_in_connection_handlers_are_ignored) {
  test_server server;
  int calls = 0;
  server.root().on_connection([](const std::shared_ptr<socket>&) { throw std::runtime_error("a bug"); });
  server.root().on_connection([&](const std::shared_ptr<socket>&) { ++calls; });
  const test_client client = server.join();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(server.root().socket_count(), 1U);
}

TEST(connect, connection_handlers_can_be_added_and_removed) {
  test_server server;
  std::string called;
  listener removed{};
  server.root().once_connection([&](const std::shared_ptr<socket>&) { called += 'o'; });
  server.root().on_connection([&](const std::shared_ptr<socket>&) {
    called += 'a';
    server.root().off_connection(removed);
    server.root().once_connection([&](const std::shared_ptr<socket>&) { called += 'n'; });
  });
  removed = server.root().on_connection([&](const std::shared_ptr<socket>&) { called += 'r'; });
  const test_client first = server.join();
  EXPECT_EQ(called, "oar") << "handlers present when the socket connected are called";
  const test_client second = server.join();
  EXPECT_EQ(called, "oaran");
}

TEST(connect, notifies_about_new_namespaces) {
  test_server server;
  server.root();
  std::vector<std::string> created;
  server->on_new_namespace([&](server_namespace& nsp) {
    created.push_back(nsp.name());
    EXPECT_EQ(nsp.socket_count(), 0U);
    EXPECT_EQ(server->find(nsp.name()), &nsp);
  });
  server->on_new_namespace([](server_namespace&) { throw std::runtime_error("a bug"); });
  server->of("/a");
  server->of("/a");
  server->alias("/b", "/c");
  server->of([](std::string_view name, const auto&) { return name == "/child"; });
  const test_client client = server.open();
  client.send("0/child,");
  EXPECT_THAT(created, ElementsAre("/a", "/c", "/child"));
}

TEST(connect, counts_sockets_per_room) {
  test_server server;
  const auto [one, first] = server.join_with_socket();
  const auto [two, second] = server.join_with_socket();
  first->join("a");
  second->join("a");
  second->join("b");
  const std::map<std::string, std::size_t> expected = {
      {first->id(), 1}, {second->id(), 1}, {"a", 2}, {"b", 1}};
  EXPECT_EQ(server.root().rooms(), expected);
}

TEST(connect, reports_the_transport_of_a_socket) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  EXPECT_EQ(s->transport(), "websocket");
  client.connection->on_close("transport close");
  EXPECT_EQ(s->transport(), "");
}

TEST(connect, limits_the_size_of_messages_until_a_namespace_accepts_the_client) {
  test_server server({.max_connect_bytes = 100});
  server.root();
  const std::string large = R"(0{"token":")" + std::string(100, 'x') + R"("})";
  const test_client rejected = server.open();
  rejected.send(large);
  EXPECT_TRUE(rejected.closed());

  const test_client accepted = server.open();
  accepted.send("0");
  EXPECT_TRUE(accepted.out->accepts_large_messages);
  accepted.send(R"(2["a",")" + std::string(100, 'x') + R"("])");
  EXPECT_FALSE(accepted.closed());
}

TEST(connect, limits_the_rejections_until_a_namespace_accepts_the_client) {
  test_server server({.max_rejected_connects = 3});
  server.root();
  const test_client guest = server.open();
  for (int i = 0; i < 3; ++i) guest.send("0/nowhere,");
  EXPECT_FALSE(guest.closed());
  guest.send("0/nowhere,");
  EXPECT_TRUE(guest.closed());
  EXPECT_EQ(guest.take().size(), 4U);

  const test_client member = server.join();
  for (int i = 0; i < 10; ++i) member.send("0/nowhere,");
  EXPECT_FALSE(member.closed());
}

TEST(connect, keeps_no_attachments_for_a_client_without_a_socket) {
  test_server server;
  server.root();
  const test_client client = server.open();
  client.send(R"(51-["a",{"_placeholder":true,"num":0}])");
  EXPECT_TRUE(client.closed());
}

TEST(connect, limits_the_length_of_names) {
  test_server server({.max_name_bytes = 10});
  server.root();
  for (const auto& packet : {"0/" + std::string(10, 'n') + ",", R"(2["eleven long"])" + std::string()}) {
    const test_client client = server.join();
    client.send(packet);
    EXPECT_TRUE(client.closed()) << packet;
  }
  const test_client client = server.join();
  client.send("0/" + std::string(9, 'n') + ",");
  client.send(R"(2["ten  bytes"])");
  EXPECT_FALSE(client.closed());
}

TEST(connect, a_client_whose_pending_connection_is_rejected_times_out) {
  test_server server;
  server.root();
  std::optional<next> decide;
  server->of("/slow").use([&](const std::shared_ptr<socket>&, const next& proceed) { decide = proceed; });
  const test_client client = server.join();
  client.send("0/slow,");
  client.send("1");
  (*decide)(connect_error{.message = "no", .data = {}});
  EXPECT_FALSE(client.closed());
  server.advance(milliseconds(45'000));
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace emostream::socketio::test

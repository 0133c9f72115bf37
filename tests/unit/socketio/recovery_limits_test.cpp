// Limits of connection state recovery, and middlewares.

#include <optional>
#include <string>

#include <gmock/gmock.h>

#include "socketio/recovery_harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(recovery_limits, sessions_expire) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  recoverable_client late = connect(server);
  server.root().emit("a", 1);
  client.disconnect();
  late.disconnect();
  server.advance(milliseconds(120'000));
  EXPECT_TRUE(reconnect(server, client, "0").server_socket->recovered());
  server.advance(milliseconds(1));
  EXPECT_FALSE(reconnect(server, late, "0").server_socket->recovered());
}

TEST(recovery_limits, expired_sessions_and_events_are_removed) {
  test_server server(recovery_enabled());
  server.root();
  for (int i = 0; i < 3; ++i) {
    recoverable_client client = connect(server);
    client.server_socket->emit("a", 1);
    client.disconnect();
    server.advance(milliseconds(1000));
  }
  EXPECT_EQ(server.root().recovery().sessions, 3U);
  EXPECT_EQ(server.root().recovery().events, 3U);
  server.advance(milliseconds(150'000));
  EXPECT_EQ(server.root().recovery().sessions, 0U);
  EXPECT_EQ(server.root().recovery().events, 3U) << "events are kept longer than sessions";
  server.advance(milliseconds(60'000));
  EXPECT_EQ(server.root().recovery().events, 0U);
  EXPECT_EQ(server.root().recovery().bytes, 0U);
  EXPECT_EQ(server.root().recovery().events_dropped, 0U);
  EXPECT_EQ(server->deadline(), std::nullopt);
}

TEST(recovery_limits, recovers_after_the_received_events_have_expired) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->emit("long ago", 1);
  server.advance(milliseconds(1'000'000));
  EXPECT_EQ(server.root().recovery().events, 0U);
  client.disconnect();
  EXPECT_TRUE(reconnect(server, client, "0").server_socket->recovered());
}

TEST(recovery_limits, keeps_no_events_without_receivers) {
  test_server server(recovery_enabled());
  server.root().emit("a", 1);
  EXPECT_EQ(server.root().recovery().events, 0U);
  recoverable_client client = connect(server);
  server.root().to("empty room").emit("a", 1);
  EXPECT_EQ(server.root().recovery().events, 0U);
  server.root().emit("a", 1);
  EXPECT_EQ(server.root().recovery().events, 1U);
  client.disconnect();
  server.root().emit("a", 1);
  EXPECT_EQ(server.root().recovery().events, 2U) << "the client can reconnect";
  server.advance(milliseconds(200'000));
  server.root().emit("a", 1);
  EXPECT_EQ(server.root().recovery().events, 0U);
}

TEST(recovery_limits, limits_events_and_their_bytes) {
  auto opts = recovery_enabled();
  opts.recovery.max_events = 3;
  opts.recovery.max_bytes = 10'000;
  test_server server(opts);
  server.root();
  recoverable_client client = connect(server);
  recoverable_client up_to_date = connect(server);
  for (int i = 0; i < 4; ++i) server.root().emit("a", i);
  EXPECT_EQ(server.root().recovery().events, 3U);
  EXPECT_EQ(server.root().recovery().events_dropped, 1U);
  server.root().emit("a", 4);
  client.disconnect();
  up_to_date.disconnect();
  EXPECT_FALSE(reconnect(server, client, "0").server_socket->recovered()) << "a missed event was dropped";
  const recoverable_client back = reconnect(server, up_to_date, "1");
  EXPECT_EQ(back.take().size(), 3U);

  server.root().emit("large", boost::json::string(20'000, 'x'));
  EXPECT_EQ(server.root().recovery().events, 0U);
  EXPECT_EQ(server.root().recovery().bytes, 0U);
  server.root().emit("small", 1);
  EXPECT_EQ(server.root().recovery().events, 1U);
}

TEST(recovery_limits, limits_sessions) {
  auto opts = recovery_enabled();
  opts.recovery.max_sessions = 2;
  test_server server(opts);
  server.root();
  recoverable_client first = connect(server);
  recoverable_client second = connect(server);
  recoverable_client third = connect(server);
  server.root().emit("a", 1);
  first.disconnect();
  second.disconnect();
  third.disconnect();
  EXPECT_EQ(server.root().recovery().sessions, 2U);
  EXPECT_EQ(server.root().recovery().sessions_dropped, 1U);
  EXPECT_FALSE(reconnect(server, first, "0").server_socket->recovered());
  EXPECT_TRUE(reconnect(server, second, "0").server_socket->recovered());
  EXPECT_TRUE(reconnect(server, third, "0").server_socket->recovered());
}

TEST(recovery_limits, skips_middlewares_by_default) {
  test_server server(recovery_enabled());
  int checked = 0;
  server.root().use([&](const std::shared_ptr<socket>&, const next& proceed) {
    ++checked;
    proceed();
  });
  recoverable_client client = connect(server);
  client.server_socket->emit("a", 1);
  client.disconnect();
  EXPECT_TRUE(reconnect(server, client, "0").server_socket->recovered());
  EXPECT_EQ(checked, 1);
}

TEST(recovery_limits, runs_middlewares_if_configured) {
  auto opts = recovery_enabled();
  opts.recovery.skip_middlewares = false;
  test_server server(opts);
  bool reject = false;
  std::optional<next> held;
  server.root().use([&](const std::shared_ptr<socket>& s, const next& proceed) {
    if (reject) return proceed({"not now"});
    if (s->recovered())
      held = proceed;
    else
      proceed();
  });
  recoverable_client client = connect(server);
  client.server_socket->join("room");
  client.server_socket->emit("a", 1);
  client.disconnect();

  reject = true;
  const test_client rejected = server.open();
  rejected.send("0" + recovery_auth(client.pid, "0"));
  EXPECT_THAT(rejected.take(), ElementsAre(R"(4{"message":"not now"})"));
  EXPECT_EQ(server.root().recovery().sessions, 1U) << "the client can try again";

  reject = false;
  test_client second = server.open();
  second.send("0" + recovery_auth(client.pid, "0"));
  EXPECT_EQ(server.root().recovery().sessions, 0U) << "the session is claimed";
  server.root().to("room").emit("missed", 2);
  second.connection->on_close("transport close");
  second.connection.reset();
  EXPECT_EQ(server.root().recovery().sessions, 1U);

  test_client third = server.open();
  third.send("0" + recovery_auth(client.pid, "0"));
  EXPECT_THAT(third.take(), IsEmpty());
  server.root().to("room").emit("missed", 3);
  (*held)();
  const auto got = third.take();
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(json_member(got[0], "sid"), client.id);
  EXPECT_EQ(got[1], R"(2["missed",2,"1"])");
  EXPECT_EQ(got[2], R"(2["missed",3,"2"])");
}

TEST(recovery_limits, fails_if_missed_events_were_dropped_while_middlewares_ran) {
  auto opts = recovery_enabled();
  opts.recovery.skip_middlewares = false;
  opts.recovery.max_events = 1;
  test_server server(opts);
  std::optional<next> held;
  server.root().use([&](const std::shared_ptr<socket>& s, const next& proceed) {
    if (s->recovered())
      held = proceed;
    else
      proceed();
  });
  recoverable_client client = connect(server);
  client.server_socket->emit("a", 1);
  client.disconnect();
  const test_client reconnecting = server.open();
  reconnecting.send("0" + recovery_auth(client.pid, "0"));
  server.root().emit("b", 1);
  server.root().emit("c", 1);
  (*held)();
  EXPECT_TRUE(reconnecting.closed()) << "so that the client reconnects";
  EXPECT_EQ(server.root().socket_count(), 0U);
  EXPECT_EQ(server.root().recovery().sessions, 0U);
}

TEST(recovery_limits, keeps_a_child_namespace_while_it_has_sessions) {
  auto opts = recovery_enabled();
  opts.remove_empty_child_namespaces = true;
  test_server server(opts);
  const auto& parent =
      server->of([](std::string_view name, const auto&) { return name.starts_with("/child"); });
  recoverable_client client = connect(server, "", "/child");
  client.server_socket->emit("a", 1);
  client.disconnect();
  EXPECT_EQ(parent.child_count(), 1U);
  client = reconnect(server, client, "0", "/child");
  EXPECT_TRUE(client.server_socket->recovered());
  client.disconnect();
  client.server_socket.reset();
  EXPECT_EQ(parent.child_count(), 1U);
  server.advance(milliseconds(200'000));
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_EQ(server->find("/child"), nullptr);
  client = connect(server, "", "/child");
  client.server_socket->disconnect();
  EXPECT_EQ(parent.child_count(), 0U);
}

}  // namespace
}  // namespace emostream::socketio::test

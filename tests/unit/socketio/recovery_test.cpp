#include <any>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "socketio/msgpack.hpp"
#include "socketio/parser.hpp"
#include "socketio/recovery_harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(recovery, is_off_by_default) {
  test_server server;
  server.root();
  recoverable_client client = connect(server);
  EXPECT_EQ(client.pid, "");
  client.server_socket->emit("a", 1);
  EXPECT_THAT(client.take(), ElementsAre(R"(2["a",1])"));
  client.disconnect();
  EXPECT_EQ(server->deadline(), std::nullopt);
  EXPECT_NE(reconnect(server, client, "0").id, client.id);
}

TEST(recovery, sends_a_pid_and_offsets) {
  test_server server(recovery_enabled());
  server.root();
  const recoverable_client client = connect(server);
  EXPECT_THAT(client.pid, MatchesRegex("[A-Za-z0-9_-]{20}"));
  EXPECT_NE(client.pid, client.id);
  EXPECT_FALSE(client.server_socket->recovered());
  client.server_socket->emit("a", 1);
  server.root().emit("b", args({}));
  server.root().to(client.id).emit("c", "x");
  EXPECT_THAT(client.take(), ElementsAre(R"(2["a",1,"0"])", R"(2["b","1"])", R"(2["c","x","2"])"));
}

TEST(recovery, sends_no_offset_with_unrecoverable_events) {
  test_server server(recovery_enabled());
  server.root();
  const recoverable_client client = connect(server);
  client.server_socket->volatile_().emit("a", 1);
  server.root().volatile_().emit("b", 1);
  client.server_socket->emit("c", args({1}), milliseconds(10), [](const result<arguments>&) {});
  server.root().emit("d", args({1}), [](std::error_code, const std::vector<arguments>&) {});
  EXPECT_THAT(client.take(), ElementsAre(R"(2["a",1])", R"(2["b",1])", R"(20["c",1])", R"(21["d",1])"));
  EXPECT_EQ(server.root().recovery().events, 0U);
}

TEST(recovery, restores_id_rooms_data_and_missed_events) {
  test_server server(recovery_enabled());
  int connections = 0;
  server.root().on_connection([&](const std::shared_ptr<socket>&) { ++connections; });
  recoverable_client client = connect(server);
  const recoverable_client other = connect(server);
  client.server_socket->join("room");
  client.server_socket->data = std::string("ali");
  client.server_socket->emit("seen", args({}));
  client.disconnect();
  EXPECT_EQ(server.root().socket_count(), 1U);

  server.root().emit("all", 1);
  server.root().to("room").emit("room", 2);
  server.root().to("elsewhere").emit("elsewhere", 3);
  server.root().except("room").emit("not there", 4);
  other.server_socket->others().emit("from another", 5);
  server.root().to(client.id).to("elsewhere").emit("to me", 6);
  server.root().volatile_().emit("volatile", 7);
  arguments with_bytes;
  with_bytes.values.push_back(with_bytes.attach(message::bytes("bytes").data));
  server.root().emit("binary", with_bytes);

  const recoverable_client back = reconnect(server, client, "0");
  EXPECT_EQ(back.id, client.id);
  EXPECT_EQ(back.pid, client.pid);
  ASSERT_TRUE(back.server_socket);
  EXPECT_NE(back.server_socket, client.server_socket);
  EXPECT_TRUE(back.server_socket->recovered());
  EXPECT_TRUE(back.server_socket->rooms().contains("room"));
  EXPECT_EQ(std::any_cast<std::string>(back.server_socket->data), "ali");
  EXPECT_EQ(connections, 3);
  EXPECT_THAT(back.take(), ElementsAre(R"(2["all",1,"1"])", R"(2["room",2,"2"])",
                                       R"(2["from another",5,"5"])", R"(2["to me",6,"6"])",
                                       R"(51-["binary",{"_placeholder":true,"num":0},"7"])", "<bytes>"));

  server.root().to("room").emit("again", 8);
  EXPECT_THAT(back.take(), ElementsAre(R"(2["again",8,"8"])"));
  const auto stats = server.root().recovery();
  EXPECT_EQ(stats.recovered, 1U);
  EXPECT_EQ(stats.sessions, 0U);
}

TEST(recovery, works_without_an_offset) {
  test_server server(recovery_enabled());
  server.root();
  const recoverable_client early = connect(server);
  server.root().emit("before", 1);
  recoverable_client client = connect(server);
  client.disconnect();
  server.root().emit("missed", 2);
  recoverable_client back = connect(server, R"({"pid":")" + client.pid + R"(","offset":null})");
  EXPECT_EQ(back.id, client.id);
  EXPECT_THAT(back.take(), ElementsAre(R"(2["missed",2,"1"])"));
  back.disconnect();
  back = connect(server, R"({"pid":")" + client.pid + R"("})");
  EXPECT_THAT(back.take(), ElementsAre(R"(2["missed",2,"1"])"))
      << "the server cannot know that it was received";
}

TEST(recovery, works_repeatedly) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->emit("a", 1);
  for (int i = 0; i < 5; ++i) {
    client.disconnect(i % 2 == 0 ? "ping timeout" : "transport error");
    server.root().to(client.id).emit("missed", i);
    client = reconnect(server, client, std::to_string(i));
    EXPECT_TRUE(client.server_socket->recovered());
    EXPECT_EQ(client.take().size(), 1U);
  }
}

TEST(recovery, depends_on_the_disconnect_reason) {
  const std::pair<std::string, bool> reasons[] = {
      {"transport error", true}, {"transport close", true},      {"forced close", true},
      {"ping timeout", true},    {"server shutting down", true}, {"forced server close", true},
      {"parse error", false}};
  for (const auto& [reason, recoverable] : reasons) {
    test_server server(recovery_enabled());
    server.root();
    recoverable_client client = connect(server);
    client.server_socket->emit("a", 1);
    client.disconnect(reason);
    EXPECT_EQ(reconnect(server, client, "0").id == client.id, recoverable) << reason;
  }
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->disconnect();
  EXPECT_EQ(server.root().recovery().sessions, 0U);
  client = connect(server);
  client.send("1");
  EXPECT_EQ(server.root().recovery().sessions, 0U);
  client = connect(server);
  client.send("garbage");
  EXPECT_EQ(server.root().recovery().sessions, 0U);
  client = connect(server);
  client.server_socket->disconnect(true);
  EXPECT_EQ(server.root().recovery().sessions, 0U);
}

TEST(recovery, invalid_requests_get_a_new_socket) {
  test_server server(recovery_enabled());
  server.root();
  const recoverable_client before = connect(server);
  before.server_socket->emit("a secret", "of another time");
  for (const std::string offset : {"", "x", "-1", "1x", " 1", "5000", "18446744073709551615",
                                   "99999999999999999999", "0" /* before the client connected */}) {
    recoverable_client client = connect(server);
    server.root().emit("news", 1);
    client.disconnect();
    const auto rejected = server.root().recovery().rejected;
    const recoverable_client back = reconnect(server, client, offset);
    EXPECT_NE(back.id, client.id) << offset;
    EXPECT_NE(back.pid, client.pid) << offset;
    ASSERT_TRUE(back.server_socket);
    EXPECT_FALSE(back.server_socket->recovered()) << offset;
    EXPECT_THAT(back.take(), IsEmpty()) << offset;
    EXPECT_EQ(server.root().recovery().rejected, rejected + 1) << offset;
  }
  const recoverable_client unknown = connect(server, recovery_auth("unknown", "0"));
  EXPECT_FALSE(unknown.server_socket->recovered());
  const recoverable_client wrong_types = connect(server, R"({"pid":7,"offset":{}})");
  EXPECT_FALSE(wrong_types.server_socket->recovered());
}

TEST(recovery, rejects_the_largest_offset_if_no_event_was_sent) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.disconnect();
  EXPECT_NE(reconnect(server, client, "18446744073709551615").id, client.id);
}

TEST(recovery, accepts_a_pid_once_per_disconnection) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->emit("a", 1);
  client.disconnect();
  const recoverable_client back = reconnect(server, client, "0");
  const recoverable_client second = reconnect(server, client, "0");
  EXPECT_EQ(back.id, client.id);
  EXPECT_NE(second.id, client.id);
  EXPECT_FALSE(second.server_socket->recovered());
  EXPECT_TRUE(back.server_socket->connected());
}

TEST(recovery, is_per_namespace) {
  test_server server(recovery_enabled());
  server->of("/a");
  server->of("/b");
  recoverable_client client = connect(server, "", "/a");
  client.server_socket->emit("a", 1);
  client.disconnect();
  EXPECT_FALSE(reconnect(server, client, "0", "/b").server_socket->recovered());
  EXPECT_TRUE(reconnect(server, client, "0", "/a").server_socket->recovered());
}

TEST(recovery, supports_aliases) {
  test_server server(recovery_enabled());
  server->alias("/ws/a", "/a");
  recoverable_client direct = connect(server, "", "/a");
  recoverable_client by_alias = connect(server, "", "/ws/a");
  server->of("/a").emit("before", 0);
  direct.disconnect();
  by_alias.disconnect();
  server->of("/a").emit("missed", 1);
  const recoverable_client one = reconnect(server, direct, "0", "/a");
  EXPECT_THAT(one.take(), ElementsAre(R"(2/a,["missed",1,"1"])"));
  const recoverable_client two = reconnect(server, by_alias, "0", "/ws/a");
  EXPECT_THAT(two.take(), ElementsAre(R"(2/ws/a,["missed",1,"1"])"));
}

TEST(recovery, sends_events_emitted_on_the_disconnected_socket) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->emit("a", 1);
  client.disconnect();
  client.server_socket->emit("b", 2);
  client.server_socket->volatile_().emit("volatile");
  const recoverable_client back = reconnect(server, client, "0");
  EXPECT_THAT(back.take(), ElementsAre(R"(2["b",2,"1"])"));
  client.server_socket->emit("c", 3);
  EXPECT_THAT(back.take(), IsEmpty()) << "the client has a new socket now";
}

TEST(recovery, includes_data_and_events_of_disconnect_handlers) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->data = 1;
  client.server_socket->join("room");
  client.server_socket->on_disconnect([&](disconnect_reason) {
    EXPECT_EQ(std::any_cast<int>(client.server_socket->data), 1);
    EXPECT_TRUE(client.server_socket->rooms().contains("room"));
    client.server_socket->data = 2;
    server.root().to("room").emit("gone", 1);
  });
  client.disconnect();
  const recoverable_client back = connect(server, R"({"pid":")" + client.pid + R"("})");
  EXPECT_EQ(std::any_cast<int>(back.server_socket->data), 2);
  EXPECT_THAT(back.take(), ElementsAre(R"(2["gone",1,"0"])"));
}

TEST(recovery, keeps_the_order_of_events_emitted_by_observers) {
  test_server server(recovery_enabled());
  server.root();
  recoverable_client client = connect(server);
  client.server_socket->on_any_outgoing([&, nested = false](std::string_view, const arguments&) mutable {
    if (!std::exchange(nested, true)) client.server_socket->emit("nested", 1);
  });
  server.root().emit("outer", 1);
  client.disconnect();
  const recoverable_client back = connect(server, R"({"pid":")" + client.pid + R"("})");
  EXPECT_THAT(back.take(), ElementsAre(R"(2["outer",1,"0"])", R"(2["nested",1,"1"])"));
}

TEST(recovery, works_with_msgpack) {
  auto opts = recovery_enabled();
  opts.parser = msgpack_parser();
  test_server server(opts);
  server.root();
  const auto decoder = opts.parser->make_decoder(opts);
  const auto decoded = [&](const message& m) { return std::move(**decoder->feed(m)); };
  using namespace std::string_literals;
  const auto connect = [&](const test_client& client, const std::string& auth) {
    client.send_binary(
        "\x83\xa4type\x00\xa3nsp\xa1/\xa4"
        "data"s +
        auth);
    return decoded(client.out->sent.at(0)).data;
  };
  const test_client first = server.open();
  const auto answer = connect(first, "\x80");
  server.root().emit("a", 1);
  EXPECT_EQ(decoded(first.out->sent.at(1)).data, boost::json::array({"a", 1, "0"}));
  first.connection->on_close("transport close");
  server.root().emit("b", 2);
  std::string auth = "\x82\xa3pid";
  write_msgpack(auth, std::string_view(answer.at("pid").as_string()));
  auth +=
      "\xa6offset\xa1"
      "0"s;
  const test_client second = server.open();
  EXPECT_EQ(connect(second, auth), answer);
  EXPECT_EQ(decoded(second.out->sent.at(1)).data, boost::json::array({"b", 2, "1"}));
}

TEST(recovery, is_not_supported_for_socketio_2_clients) {
  test_server server(recovery_enabled());
  server.root();
  auto out = std::make_shared<transport_record>();
  const auto v2_client = server->connect(std::make_unique<fake_transport>(out), {}, "abc");
  EXPECT_THAT(out->take(), ElementsAre("0"));
  v2_client->on_close("transport close");
  EXPECT_EQ(server.root().recovery().sessions, 0U);
}

}  // namespace
}  // namespace emostream::socketio::test

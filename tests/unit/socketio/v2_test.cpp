// Socket.IO 2 clients.
#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(v2_client, is_connected_to_the_root_namespace_automatically) {
  test_server server;
  std::shared_ptr<socket> connected;
  server.root().on_connection([&](std::shared_ptr<socket> s) {
    s->emit("hello", 1);
    connected = std::move(s);
  });
  const test_client client = server.open({}, "engine-id");
  EXPECT_THAT(client.take(), ElementsAre("0", R"(2["hello",1])"));
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->id(), "engine-id") << "the id that the client derives";
  EXPECT_THAT(connected->rooms(), ElementsAre("engine-id"));
  EXPECT_EQ(connected->handshake().auth, boost::json::object());
}

TEST(v2_client, root_namespace_is_not_created_for_it) {
  test_server server;
  server->of("/chat");
  const test_client client = server.open({}, "engine-id");
  EXPECT_THAT(client.take(), IsEmpty());
  client.send("0/chat,");
  EXPECT_THAT(client.take(), ElementsAre("0/chat,"));
  EXPECT_TRUE(server->of("/chat").find("/chat#engine-id"));
}

TEST(v2_client, sends_its_auth_as_a_query) {
  test_server server;
  boost::json::object auth;
  server->of("/chat").use([&](const std::shared_ptr<socket>& s, const next& proceed) {
    auth = s->handshake().auth;
    proceed();
  });
  const test_client client = server.open({}, "id");
  client.send("0/chat?token=a%2Cb+c&x=1&x=2&empty,");
  EXPECT_THAT(client.take(), ElementsAre("0/chat,"));
  EXPECT_EQ(auth, boost::json::object({{"token", "a,b c"}, {"x", "2"}, {"empty", ""}}));
}

TEST(v2_client, is_closed_on_a_malformed_query) {
  test_server server;
  server->of("/chat");
  const test_client client = server.open({}, "id");
  client.send("0/chat?token=%zz,");
  EXPECT_TRUE(client.closed());
}

TEST(v2_client, is_closed_on_a_query_that_is_not_utf8) {
  for (const auto* query : {"name=%ff", "%ff=name"}) {
    test_server server;
    server->of("/chat");
    const test_client client = server.open({}, "id");
    client.send("0/chat?" + std::string(query) + ",");
    EXPECT_TRUE(client.closed()) << query;
  }
}

TEST(v2_client, receives_errors_of_middlewares_as_plain_values) {
  test_server server;
  server->of("/a").use([](const std::shared_ptr<socket>&, const next& proceed) { proceed({"no"}); });
  server->of("/b").use([](const std::shared_ptr<socket>&, const next& proceed) {
    proceed({"no", boost::json::object{{"code", 1}}});
  });
  const test_client client = server.open({}, "id");
  client.send("0/a,");
  EXPECT_THAT(client.take(), ElementsAre(R"(4/a,"no")"));
  client.send("0/b,");
  EXPECT_THAT(client.take(), ElementsAre(R"(4/b,{"code":1})"));
}

TEST(v2_client, receives_an_object_for_an_unknown_namespace) {
  test_server server;
  const test_client client = server.open({}, "id");
  client.send("0/c?token=x,");
  EXPECT_THAT(client.take(), ElementsAre(R"(4/c,{"message":"Invalid namespace"})"));
}

TEST(v2_client, exchanges_events_like_current_clients) {
  test_server server;
  server.root().on_connection(
      [](const std::shared_ptr<socket>& s) { s->on("echo", [](event& e) { e.ack(e.args); }); });
  const test_client v2_client = server.open({}, "id");
  const test_client client = server.join();
  (void)v2_client.take();
  v2_client.send(R"(20["echo",1,"x"])");
  EXPECT_THAT(v2_client.take(), ElementsAre(R"(30[1,"x"])"));
  v2_client.send(R"(51-1["echo",{"_placeholder":true,"num":0}])");
  v2_client.send_binary("\1\2");
  EXPECT_THAT(v2_client.take(), ElementsAre(R"(61-1[{"_placeholder":true,"num":0}])", "<\1\2>"));
  server.root().emit("news", 1);
  EXPECT_THAT(v2_client.take(), ElementsAre(R"(2["news",1])"));
  EXPECT_THAT(client.take(), ElementsAre(R"(2["news",1])"));
  v2_client.send("1");
  EXPECT_EQ(server.root().socket_count(), 1U);
}

TEST(v2_client, is_closed_after_a_timeout_without_a_namespace) {
  test_server server;
  server->of("/chat");
  const test_client client = server.open({}, "id");
  server.advance(options{}.connect_timeout);
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace emostream::socketio::test

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

TEST(connect, answers_with_an_id_of_its_own) {
  world w;
  std::shared_ptr<socket> connected;
  w.root().on_connection([&](std::shared_ptr<socket> s) { connected = std::move(s); });
  const peer p = w.open();
  p.send("0");
  EXPECT_THAT(p.take(), ElementsAre(MatchesRegex(R"(0\{"sid":"[A-Za-z0-9_-]{20}"\})")));
  ASSERT_TRUE(connected);
  EXPECT_TRUE(connected->connected());
  EXPECT_EQ(w.root().socket_count(), 1U);
  EXPECT_EQ(w.root().find(connected->id()), connected);
  EXPECT_THAT(connected->rooms(), ElementsAre(connected->id()));
  EXPECT_EQ(connected->handshake().auth, boost::json::object());

  const auto first = connected;
  const peer other = w.join();
  EXPECT_NE(connected->id(), first->id());
}

TEST(connect, gives_the_handshake_to_the_application) {
  world w;
  w->of("/admin").use([](const std::shared_ptr<socket>& s, const next& go_on) {
    EXPECT_EQ(s->handshake().auth, boost::json::object({{"token", "123"}}));
    EXPECT_EQ(s->handshake().request->remote_address, "192.0.2.1");
    EXPECT_EQ(unix_seconds(s->handshake().time), 1'700'000'000.0);
    EXPECT_FALSE(s->connected());
    s->data = std::string("user");
    go_on();
  });
  request_head request;
  request.remote_address = "192.0.2.1";
  const peer p = w.open(request);
  std::string user;
  w->of("/admin").on_connection(
      [&](const std::shared_ptr<socket>& s) { user = std::any_cast<std::string>(s->data); });
  p.send(R"(0/admin,{"token":"123"})");
  EXPECT_THAT(p.take(), ElementsAre(MatchesRegex(R"(0/admin,\{"sid":".*"\})")));
  EXPECT_EQ(user, "user");
}

TEST(connect, refuses_an_unknown_namespace_and_lives_on) {
  world w;
  w.root();
  const peer p = w.open();
  p.send("0/nowhere,");
  EXPECT_THAT(p.take(), ElementsAre(R"(4/nowhere,{"message":"Invalid namespace"})"));
  EXPECT_FALSE(p.closed());
  p.send("0");
  EXPECT_EQ(w.root().socket_count(), 1U);
}

TEST(connect, carries_several_namespaces_over_one_connection) {
  world w;
  w->of("a");  // the slash is added
  const peer p = w.join();
  p.send("0/a,");
  EXPECT_THAT(p.take(), ElementsAre(MatchesRegex(R"(0/a,\{"sid":".*"\})")));
  EXPECT_EQ(w->of("/a").socket_count(), 1U);
  EXPECT_EQ(w.root().socket_count(), 1U);
}

TEST(connect, is_refused_beyond_the_limit_of_namespaces) {
  options limits;
  limits.max_namespaces = 1;
  world w(limits);
  w->of("/a");
  const peer p = w.join();
  p.send("0/a,");
  EXPECT_THAT(p.take(), ElementsAre(R"(4/a,{"message":"Too many namespaces"})"));
  EXPECT_FALSE(p.closed());
}

TEST(connect, reaches_a_namespace_by_its_alias) {
  world w;
  w->alias("/ws/a", "/a");
  const auto [direct, direct_socket] = w.join_with_socket("/a");
  const peer p = w.open();
  p.send("0/ws/a,");
  EXPECT_THAT(p.take(), ElementsAre(MatchesRegex(R"(0/ws/a,\{"sid":".*"\})")));
  EXPECT_EQ(w->of("/a").socket_count(), 2U);
  EXPECT_EQ(&w->of("/ws/a"), &w->of("/a"));
  w->of("/a").emit("news", 1);
  EXPECT_THAT(direct.take(), ElementsAre(R"(2/a,["news",1])"));
  EXPECT_THAT(p.take(), ElementsAre(R"(2/ws/a,["news",1])"));
  EXPECT_THROW(w->alias("/a", "/"), std::logic_error);
}

TEST(connect, passes_all_middlewares_in_order) {
  world w;
  std::string order;
  std::optional<next> held;
  w.root().use([&](const std::shared_ptr<socket>&, const next& go_on) {
    order += '1';
    go_on();
  });
  w.root().use([&](const std::shared_ptr<socket>&, const next& go_on) {
    order += '2';
    held = go_on;
  });
  w.root().use([&](const std::shared_ptr<socket>&, const next& go_on) {
    order += '3';
    go_on();
  });
  w.root().on_connection([&](const std::shared_ptr<socket>&) { order += 'c'; });
  const peer p = w.open();
  p.send("0");
  EXPECT_EQ(order, "12");
  EXPECT_THAT(p.take(), IsEmpty());
  EXPECT_EQ(w.root().socket_count(), 0U);
  (*held)();
  EXPECT_EQ(order, "123c");
  EXPECT_EQ(p.take().size(), 1U);
  (*held)();  // once is enough
  (*held)({"too late"});
  EXPECT_EQ(order, "123c");
  EXPECT_THAT(p.take(), IsEmpty());
}

TEST(connect, is_refused_by_a_middleware_with_its_words) {
  world w;
  int step = 0;
  w.root().use([&](const std::shared_ptr<socket>&, const next& go_on) {
    switch (step++) {
      case 0:
        return go_on({"Authentication required", boost::json::object({{"code", "AUTH_REQUIRED"}})});
      case 1:
        return go_on({"no"});
      case 2:
        throw std::runtime_error("a bug");
      default:
        go_on();
    }
  });
  w.root().use([](const std::shared_ptr<socket>&, const next& go_on) { go_on(); });
  const peer p = w.open();
  p.send("0");
  p.send("0");
  p.send("0");
  EXPECT_THAT(p.take(),
              ElementsAre(R"(4{"message":"Authentication required","data":{"code":"AUTH_REQUIRED"}})",
                          R"(4{"message":"no"})", R"(4{"message":"Internal server error"})"));
  EXPECT_EQ(w.root().socket_count(), 0U);
  p.send("0");
  EXPECT_EQ(w.root().socket_count(), 1U);
}

TEST(connect, comes_to_nothing_if_the_client_goes_first) {
  world w;
  std::optional<next> held;
  bool heard = false;
  w.root().use([&](const std::shared_ptr<socket>& s, const next& go_on) {
    s->on_disconnect([&](disconnect_reason) { heard = true; });
    held = go_on;
  });
  peer p = w.open();
  p.send("0");
  p.connection->on_close("transport close");
  p.connection.reset();
  (*held)();
  EXPECT_EQ(w.root().socket_count(), 0U);
  EXPECT_FALSE(heard) << "it never was connected";
}

TEST(connect, lets_a_middleware_put_the_socket_into_rooms) {
  world w;
  w.root().use([](const std::shared_ptr<socket>& s, const next& go_on) {
    EXPECT_TRUE(s->join("a"));
    EXPECT_TRUE(s->join("b"));
    s->leave("b");
    go_on();
  });
  const peer p = w.join();
  w.root().to("a").emit("x", 1);
  w.root().to("b").emit("x", 2);
  EXPECT_THAT(p.take(), ElementsAre(R"(2["x",1])"));
}

TEST(connect, closes_a_client_that_joins_nothing) {
  world w;
  const peer idle = w.open();
  EXPECT_EQ(w->deadline(), w.now() + milliseconds(45'000));
  w.advance(milliseconds(44'999));
  EXPECT_FALSE(idle.closed());
  const peer joined = w.join();
  w.advance(milliseconds(1));
  EXPECT_TRUE(idle.closed());
  w.advance(milliseconds(100'000));
  EXPECT_FALSE(joined.closed());
  EXPECT_EQ(w->deadline(), std::nullopt);
  joined.send("1");
  w.advance(milliseconds(45'000));
  EXPECT_TRUE(joined.closed()) << "it has left its last namespace";
}

TEST(connect, closes_a_client_that_is_still_being_judged_at_the_deadline) {
  world w;
  w.root().use([](const std::shared_ptr<socket>&, const next&) {});
  const peer p = w.open();
  p.send("0");
  w.advance(milliseconds(45'000));
  EXPECT_TRUE(p.closed());
}

TEST(connect, closes_a_client_out_of_order) {
  for (const std::string text : {R"(2["a"])", "1", "30[]", R"(4{"message":"x"})"}) {
    world w;
    w.root();
    const peer p = w.open();
    p.send(text);
    EXPECT_TRUE(p.closed()) << text;
  }
  for (const std::string text : {"0", R"(4{"message":"x"})", "2", "x", R"(2/other,["a"])"}) {
    world w;
    const peer p = w.join();
    p.send(text);
    EXPECT_TRUE(p.closed()) << text;
    EXPECT_EQ(w.root().socket_count(), 0U);
  }
  world w;
  w.root().use([](const std::shared_ptr<socket>&, const next&) {});
  const peer p = w.open();
  p.send("0");
  p.send(R"(2["early"])");
  EXPECT_TRUE(p.closed());
}

TEST(connect, survives_a_connection_handler_that_throws) {
  world w;
  int calls = 0;
  w.root().on_connection([](const std::shared_ptr<socket>&) { throw std::runtime_error("a bug"); });
  w.root().on_connection([&](const std::shared_ptr<socket>&) { ++calls; });
  const peer p = w.join();
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(p.closed());
  EXPECT_EQ(w.root().socket_count(), 1U);
}

TEST(connect, tells_handlers_that_come_and_go) {
  world w;
  std::string heard;
  listener removed{};
  w.root().once_connection([&](const std::shared_ptr<socket>&) { heard += 'o'; });
  w.root().on_connection([&](const std::shared_ptr<socket>&) {
    heard += 'a';
    w.root().off_connection(removed);
    w.root().once_connection([&](const std::shared_ptr<socket>&) { heard += 'n'; });
  });
  removed = w.root().on_connection([&](const std::shared_ptr<socket>&) { heard += 'r'; });
  const peer first = w.join();
  EXPECT_EQ(heard, "oar") << "who was there when it came hears of it";
  const peer second = w.join();
  EXPECT_EQ(heard, "oaran");
}

TEST(connect, tells_of_new_namespaces) {
  world w;
  w.root();
  std::vector<std::string> made;
  w->on_new_namespace([&](server_namespace& nsp) {
    made.push_back(nsp.name());
    EXPECT_EQ(nsp.socket_count(), 0U);
    EXPECT_EQ(w->find(nsp.name()), &nsp);
  });
  w->on_new_namespace([](server_namespace&) { throw std::runtime_error("a bug"); });
  w->of("/a");
  w->of("/a");
  w->alias("/b", "/c");
  w->of([](std::string_view name, const auto&) { return name == "/child"; });
  const peer p = w.open();
  p.send("0/child,");
  EXPECT_THAT(made, ElementsAre("/a", "/c", "/child"));
}

TEST(connect, counts_who_is_in_which_room) {
  world w;
  const auto [one, first] = w.join_with_socket();
  const auto [two, second] = w.join_with_socket();
  first->join("a");
  second->join("a");
  second->join("b");
  const std::map<std::string, std::size_t> expected = {
      {first->id(), 1}, {second->id(), 1}, {"a", 2}, {"b", 1}};
  EXPECT_EQ(w.root().rooms(), expected);
}

TEST(connect, knows_what_a_socket_is_connected_by) {
  world w;
  const auto [p, s] = w.join_with_socket();
  EXPECT_EQ(s->transport(), "websocket");
  p.connection->on_close("transport close");
  EXPECT_EQ(s->transport(), "");
}

}  // namespace
}  // namespace emostream::socketio::test

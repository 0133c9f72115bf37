// Clients of Socket.IO 2.
#include <gmock/gmock.h>

#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(v2, is_in_the_root_namespace_without_asking) {
  world w;
  std::shared_ptr<socket> connected;
  w.root().on_connection([&](std::shared_ptr<socket> s) {
    s->emit("hello", 1);
    connected = std::move(s);
  });
  const peer p = w.open({}, "engine-id");
  EXPECT_THAT(p.take(), ElementsAre("0", R"(2["hello",1])"));
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->id(), "engine-id") << "which the client knows itself by";
  EXPECT_THAT(connected->rooms(), ElementsAre("engine-id"));
  EXPECT_EQ(connected->handshake().auth, boost::json::object());
}

TEST(v2, is_not_told_of_a_root_namespace_that_nobody_asked_for) {
  world w;
  w->of("/chat");
  const peer p = w.open({}, "engine-id");
  EXPECT_THAT(p.take(), IsEmpty());
  p.send("0/chat,");
  EXPECT_THAT(p.take(), ElementsAre("0/chat,"));
  EXPECT_TRUE(w->of("/chat").find("/chat#engine-id"));
}

TEST(v2, brings_its_auth_as_a_query) {
  world w;
  boost::json::object auth;
  w->of("/chat").use([&](const std::shared_ptr<socket>& s, const next& go_on) {
    auth = s->handshake().auth;
    go_on();
  });
  const peer p = w.open({}, "id");
  p.send("0/chat?token=a%2Cb+c&x=1&x=2&empty,");
  EXPECT_THAT(p.take(), ElementsAre("0/chat,"));
  EXPECT_EQ(auth, boost::json::object({{"token", "a,b c"}, {"x", "2"}, {"empty", ""}}));
}

TEST(v2, ends_on_a_query_that_is_none) {
  world w;
  w->of("/chat");
  const peer p = w.open({}, "id");
  p.send("0/chat?token=%zz,");
  EXPECT_TRUE(p.closed());
}

TEST(v2, refuses_a_query_that_is_no_utf8) {
  for (const auto* query : {"name=%ff", "%ff=name"}) {
    world w;
    w->of("/chat");
    const peer p = w.open({}, "id");
    p.send("0/chat?" + std::string(query) + ",");
    EXPECT_TRUE(p.closed()) << query;
  }
}

TEST(v2, hears_of_errors_as_they_are) {
  world w;
  w->of("/a").use([](const std::shared_ptr<socket>&, const next& go_on) { go_on({"no"}); });
  w->of("/b").use([](const std::shared_ptr<socket>&, const next& go_on) {
    go_on({"no", boost::json::object{{"code", 1}}});
  });
  const peer p = w.open({}, "id");
  p.send("0/a,");
  EXPECT_THAT(p.take(), ElementsAre(R"(4/a,"no")"));
  p.send("0/b,");
  EXPECT_THAT(p.take(), ElementsAre(R"(4/b,{"code":1})"));
  p.send("0/c,");
  EXPECT_THAT(p.take(), ElementsAre(R"(4/c,"Invalid namespace")"));
}

TEST(v2, talks_like_others) {
  world w;
  w.root().on_connection(
      [](const std::shared_ptr<socket>& s) { s->on("echo", [](event& e) { e.ack(e.args); }); });
  const peer old = w.open({}, "id");
  const peer young = w.join();
  (void)old.take();
  old.send(R"(20["echo",1,"x"])");
  EXPECT_THAT(old.take(), ElementsAre(R"(30[1,"x"])"));
  old.send(R"(51-1["echo",{"_placeholder":true,"num":0}])");
  old.send_binary("\1\2");
  EXPECT_THAT(old.take(), ElementsAre(R"(61-1[{"_placeholder":true,"num":0}])", "<\1\2>"));
  w.root().emit("news", 1);
  EXPECT_THAT(old.take(), ElementsAre(R"(2["news",1])"));
  EXPECT_THAT(young.take(), ElementsAre(R"(2["news",1])"));
  old.send("1");
  EXPECT_EQ(w.root().socket_count(), 1U);
}

TEST(v2, is_waited_for_like_others_if_it_is_in_no_namespace) {
  world w;
  w->of("/chat");
  const peer p = w.open({}, "id");
  w.advance(options{}.connect_timeout);
  EXPECT_TRUE(p.closed());
}

}  // namespace
}  // namespace emostream::socketio::test

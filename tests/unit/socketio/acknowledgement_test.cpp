#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds second{1000};

TEST(acknowledgement, is_sent_to_the_client) {
  test_server server;
  const auto [client, s] = server.join_with_socket("/a");
  s->on("sum", [](event& e) {
    ASSERT_TRUE(e.ack);
    e.ack(e.args.at(0).as_int64() + e.args.at(1).as_int64());
    EXPECT_FALSE(e.ack);
  });
  client.send(R"(2/a,17["sum",1,2])");
  EXPECT_THAT(client.take(), ElementsAre(R"(3/a,17[3])"));
}

TEST(acknowledgement, takes_any_arguments) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  const std::string text = "text";
  s->on("x", [&, s = s.get()](event& e) {
    switch (e.args.at(0).as_int64()) {
      case 0:
        return e.ack();
      case 1:
        return e.ack({});
      case 2:
        return e.ack(text);
      case 3:
        return e.ack(std::string_view(text));
      case 4:
        return e.ack({{"ok", true}, {"text", text}});
      case 5:
        return e.ack(1, text, nullptr);
      default:
        return e.ack(s->id());
    }
  });
  for (int i = 0; i < 7; ++i) client.send("2" + std::to_string(i) + R"(["x",)" + std::to_string(i) + "]");
  EXPECT_THAT(client.take(), ElementsAre("30[]", "31[]", R"(32["text"])", R"(33["text"])",
                                         R"(34[{"ok":true,"text":"text"}])", R"(35[1,"text",null])",
                                         R"(36[")" + s->id() + R"("])"));
}

TEST(acknowledgement, is_empty_if_not_requested) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  s->on("x", [](event& e) {
    EXPECT_FALSE(e.ack);
    e.ack("nothing");
  });
  client.send(R"(2["x"])");
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST(acknowledgement, can_be_sent_later_but_only_once) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  acknowledgement held;
  acknowledgement copy;
  s->on("x", [&](event& e) { held = copy = e.ack; });
  client.send(R"(20["x"])");
  EXPECT_THAT(client.take(), IsEmpty());
  held(args({1, 2}));
  copy("again");
  EXPECT_THAT(client.take(), ElementsAre(R"(30[1,2])"));
}

TEST(acknowledgement, does_nothing_after_the_client_disconnected) {
  test_server server;
  auto [client, s] = server.join_with_socket();
  acknowledgement held;
  s->on("x", [&](event& e) { held = e.ack; });
  client.send(R"(20["x"])");
  client.connection->on_close("transport close");
  client.connection.reset();
  s.reset();
  held("late");
  EXPECT_THAT(client.take(), IsEmpty());
}

/// Records what an acknowledgement handler receives, as text.
struct ack_recorder {
  std::vector<std::string> got;
  socket::ack_handler handler() {
    return [this](const result<arguments>& answer) {
      got.push_back(answer ? boost::json::serialize(answer->values) : answer.error().message());
    };
  }
};

TEST(acknowledgement, can_be_requested_from_the_client) {
  test_server server;
  const auto [client, s] = server.join_with_socket("/a");
  ack_recorder a;
  s->emit("first", args({1}), second, a.handler());
  s->emit("second", {}, second, a.handler());
  EXPECT_THAT(client.take(), ElementsAre(R"(2/a,0["first",1])", R"(2/a,1["second"])"));
  client.send(R"(3/a,1["b"])");
  client.send(R"(3/a,0["a",1])");
  EXPECT_THAT(a.got, ElementsAre(R"(["b"])", R"(["a",1])"));
  client.send(R"(3/a,0["again"])");
  client.send(R"(3/a,99["never asked"])");
  EXPECT_EQ(a.got.size(), 2U);
  EXPECT_FALSE(client.closed());
  EXPECT_EQ(server->deadline(), std::nullopt);
}

TEST(acknowledgement, can_be_binary) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  std::string got;
  s->emit("x", {}, second,
          [&](const result<arguments>& answer) { got = *answer->attachment(answer->at(0)); });
  client.send(R"(61-0[{"_placeholder":true,"num":0}])");
  client.send_binary("bytes");
  EXPECT_EQ(got, "bytes");
}

TEST(acknowledgement, times_out) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  ack_recorder a;
  s->emit("slow", {}, milliseconds(200), a.handler());
  s->emit("fast", {}, milliseconds(100), a.handler());
  EXPECT_EQ(server->deadline(), server.now() + milliseconds(100));
  server.advance(milliseconds(100));
  EXPECT_THAT(a.got, ElementsAre("no acknowledgement in time"));
  client.send(R"(31["too late"])");
  client.send(R"(30["in time"])");
  server.advance(second);
  EXPECT_THAT(a.got, ElementsAre("no acknowledgement in time", R"(["in time"])"));
}

TEST(acknowledgement, fails_when_the_client_disconnects) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  std::vector<std::error_code> got;
  const auto note = [&](const result<arguments>& answer) { got.push_back(answer.error()); };
  s->emit("a", {}, second, note);
  client.connection->on_close("transport close");
  s->emit("b", {}, second, note);
  EXPECT_THAT(got, ElementsAre(error::disconnected, error::disconnected));
  EXPECT_EQ(server->deadline(), std::nullopt);
}

TEST(acknowledgement, fails_if_too_many_are_pending) {
  options limits;
  limits.max_pending_acks = 1;
  test_server server(limits);
  const auto [client, s] = server.join_with_socket();
  ack_recorder a;
  s->emit("a", {}, second, a.handler());
  s->emit("b", {}, second, a.handler());
  EXPECT_THAT(a.got, ElementsAre("too many acknowledgements are pending"));
  EXPECT_EQ(client.take().size(), 1U);
  client.send("30[]");
  s->emit("c", {}, second, a.handler());
  EXPECT_EQ(client.take().size(), 1U);
}

TEST(acknowledgement, handler_that_throws_does_not_close_the_connection) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  const auto bad = [](const result<arguments>&) { throw std::runtime_error("a bug"); };
  s->emit("a", {}, second, bad);
  s->emit("b", {}, second, bad);
  s->emit("c", {}, second, bad);
  client.send("30[]");
  server.advance(second);
  EXPECT_FALSE(client.closed());
  client.connection->on_close("transport close");
  EXPECT_NO_THROW(s->emit("d", {}, second, bad)) << "the handler is called immediately";
}

TEST(acknowledgement, handlers_can_use_the_socket) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  int rounds = 0;
  std::function<void()> ask = [&, s = s] {
    s->emit("x", {}, second, [&](const result<arguments>&) {
      if (++rounds < 3) ask();
    });
  };
  ask();
  client.send("30[]");
  server.advance(second);
  client.connection->on_close("transport close");
  EXPECT_EQ(rounds, 3);
  ask = nullptr;
}

}  // namespace
}  // namespace emostream::socketio::test

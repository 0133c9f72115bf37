#include "socketio/event.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <gmock/gmock.h>

#include "base/log.hpp"
#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using boost::json::array;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(event, is_dispatched_by_name) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  std::string called;
  s->on("a", [&](event& e) { called += "a" + std::to_string(e.args.values.size()); });
  s->on("7", [&](event& e) { called += "seven" + std::to_string(e.args.at(0).as_int64()); });
  s->on_unhandled([&](event& e) { called += "?" + e.name; });
  client.send(R"(2["a"])");
  client.send(R"(2["a",1,2])");
  client.send(R"(2[7,8])");
  client.send(R"(2["b"])");
  EXPECT_EQ(called, "a0a2seven8?b");
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST(event, without_a_handler_is_ignored) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  client.send(R"(21["a"])");
  EXPECT_FALSE(client.closed());
  EXPECT_THAT(client.take(), IsEmpty());
}

TEST(event, missing_arguments_are_null) {
  test_server server;
  const auto [client, s] = server.join_with_socket("/a");
  array values;
  s->on("x", [&](event& e) {
    EXPECT_TRUE(e.args.at(3).is_null());
    EXPECT_TRUE(e.args.at(100).is_null());
    values = e.args.values;
  });
  client.send(R"(2/a,["x",1,"two",{"three":[3]}])");
  EXPECT_EQ(values, array({1, "two", {{"three", {3}}}})) << values;
}

TEST(event, carries_attachments) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  int calls = 0;
  s->on("bin", [&](event& e) {
    ++calls;
    ASSERT_TRUE(e.args.attachment(e.args.at(0)));
    EXPECT_EQ(*e.args.attachment(e.args.at(0)), "second");
    EXPECT_EQ(*e.args.attachment(e.args.at(1).as_object().at("data")), "first");
    EXPECT_EQ(e.args.attachment(e.args.at(2)), nullptr);
    e.ack(e.args);
  });
  const std::string data =
      R"(5["bin",{"_placeholder":true,"num":1},{"data":{"_placeholder":true,"num":0}},"text"])";
  client.send("52-9" + data.substr(1));
  client.send_binary("first");
  EXPECT_EQ(calls, 0);
  client.send_binary("second");
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(
      client.take(),
      ElementsAre(R"(62-9[{"_placeholder":true,"num":1},{"data":{"_placeholder":true,"num":0}},"text"])",
                  "<first>", "<second>"));
}

TEST(event, closes_the_connection_if_attachments_are_late) {
  test_server server;
  const test_client client = server.join();
  client.send(R"(51-["bin",{"_placeholder":true,"num":0}])");
  server.advance(milliseconds(44'999));
  EXPECT_FALSE(client.closed());
  client.send_binary("x");
  client.send(R"(52-["bin",{"_placeholder":true,"num":0}])");
  server.advance(milliseconds(44'999));
  client.send_binary("x");
  EXPECT_FALSE(client.closed());
  server.advance(milliseconds(1));
  EXPECT_TRUE(client.closed()) << "an attachment does not extend the timeout";
}

TEST(event, is_sent_with_any_kind_of_arguments) {
  test_server server;
  const auto [client, s] = server.join_with_socket("/a");
  s->emit("one", boost::json::object({{"x", 1}}));
  s->emit("list", array({1, 2}));
  s->emit("many", args({1, "two", nullptr}));
  s->emit("none", arguments{});
  arguments binary;
  binary.values.push_back(binary.attach(message::bytes("\x01").data));
  s->emit("bin", binary);
  EXPECT_THAT(client.take(),
              ElementsAre(R"(2/a,["one",{"x":1}])", R"(2/a,["list",[1,2]])", R"(2/a,["many",1,"two",null])",
                          R"(2/a,["none"])", R"(51-/a,["bin",{"_placeholder":true,"num":0}])", "<\x01>"));
}

TEST(event, handler_that_throws_does_not_close_the_connection) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  s->on("bad", [](event&) { throw std::runtime_error("a bug"); });
  s->on("worse", [](event&) { throw 1; });
  s->on("good", [](event& e) { e.ack("fine"); });
  client.send(R"(2["bad"])");
  client.send(R"(2["worse"])");
  client.send(R"(21["good"])");
  EXPECT_THAT(client.take(), ElementsAre(R"(31["fine"])"));
}

TEST(event, log_names_the_event_even_if_the_handler_moved_it) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  const std::string name(100, 'n');
  s->on(name, [](event& e) {
    const auto taken = std::move(e);
    throw std::runtime_error("a bug");
  });
  testing::internal::CaptureStdout();
  client.send(R"(2[")" + name + R"("])");
  spdlog::default_logger()->flush();
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr(name + " threw: a bug"));
}

TEST(event, handler_can_replace_itself) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  std::string called;
  s->on("a", [&called, s = s.get(), text = std::string(100, 'x')](event&) {
    s->off("a");
    s->on("a", [&called](event&) { called += 'b'; });
    called += text.substr(99);
  });
  client.send(R"(2["a"])");
  client.send(R"(2["a"])");
  EXPECT_EQ(called, "xb");
}

TEST(event, handler_can_close_the_connection_and_destroy_the_client) {
  test_server server;
  auto [client, s] = server.join_with_socket();
  s->on("bye", [&client, s = s](event& e) {
    s->disconnect(true);
    client.connection->on_close("forced server close");  // as a transport that closes immediately does
    client.connection.reset();
    e.ack("not sent");
  });
  const std::weak_ptr<socket> watched = s;
  s.reset();
  const auto connection = client.connection.get();
  connection->on_message(message::text(R"(21["bye"])"));
  EXPECT_TRUE(watched.expired()) << "a handler that owns its socket must not keep it alive";
  EXPECT_EQ(server.root().socket_count(), 0U);
}

TEST(event, buffered_bytes_are_reported) {
  test_server server;
  const auto [client, s] = server.join_with_socket();
  client.out->buffered = 42;
  EXPECT_EQ(s->buffered_bytes(), 42U);
  client.connection->on_close("transport close");
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

}  // namespace
}  // namespace emostream::socketio::test

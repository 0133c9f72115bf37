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

TEST(event, reaches_the_handler_of_its_name) {
  world w;
  const auto [p, s] = w.join_with_socket();
  std::string heard;
  s->on("a", [&](event& e) { heard += "a" + std::to_string(e.args.values.size()); });
  s->on("7", [&](event& e) { heard += "seven" + std::to_string(e.args.at(0).as_int64()); });
  s->on_unhandled([&](event& e) { heard += "?" + e.name; });
  p.send(R"(2["a"])");
  p.send(R"(2["a",1,2])");
  p.send(R"(2[7,8])");
  p.send(R"(2["b"])");
  EXPECT_EQ(heard, "a0a2seven8?b");
  EXPECT_THAT(p.take(), IsEmpty());
}

TEST(event, that_nobody_handles_is_ignored) {
  world w;
  const auto [p, s] = w.join_with_socket();
  p.send(R"(21["a"])");
  EXPECT_FALSE(p.closed());
  EXPECT_THAT(p.take(), IsEmpty());
}

TEST(event, has_its_arguments_and_null_beyond) {
  world w;
  const auto [p, s] = w.join_with_socket("/a");
  array values;
  s->on("x", [&](event& e) {
    EXPECT_TRUE(e.args.at(3).is_null());
    EXPECT_TRUE(e.args.at(100).is_null());
    values = e.args.values;
  });
  p.send(R"(2/a,["x",1,"two",{"three":[3]}])");
  EXPECT_EQ(values, array({1, "two", {{"three", {3}}}})) << values;
}

TEST(event, brings_attachments) {
  world w;
  const auto [p, s] = w.join_with_socket();
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
  p.send("52-9" + data.substr(1));
  p.send_binary("first");
  EXPECT_EQ(calls, 0);
  p.send_binary("second");
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(
      p.take(),
      ElementsAre(R"(62-9[{"_placeholder":true,"num":1},{"data":{"_placeholder":true,"num":0}},"text"])",
                  "<first>", "<second>"));
}

TEST(event, is_given_up_with_the_connection_if_attachments_do_not_come) {
  world w;
  const peer p = w.join();
  p.send(R"(51-["bin",{"_placeholder":true,"num":0}])");
  w.advance(milliseconds(44'999));
  EXPECT_FALSE(p.closed());
  p.send_binary("x");
  p.send(R"(52-["bin",{"_placeholder":true,"num":0}])");
  w.advance(milliseconds(44'999));
  p.send_binary("x");
  EXPECT_FALSE(p.closed());
  w.advance(milliseconds(1));
  EXPECT_TRUE(p.closed()) << "an attachment does not buy more time";
}

TEST(event, of_any_kind_goes_to_the_client) {
  world w;
  const auto [p, s] = w.join_with_socket("/a");
  s->emit("one", boost::json::object({{"x", 1}}));
  s->emit("list", array({1, 2}));
  s->emit("many", args({1, "two", nullptr}));
  s->emit("none", arguments{});
  arguments binary;
  binary.values.push_back(binary.attach(message::bytes("\x01").data));
  s->emit("bin", binary);
  EXPECT_THAT(p.take(),
              ElementsAre(R"(2/a,["one",{"x":1}])", R"(2/a,["list",[1,2]])", R"(2/a,["many",1,"two",null])",
                          R"(2/a,["none"])", R"(51-/a,["bin",{"_placeholder":true,"num":0}])", "<\x01>"));
}

TEST(event, whose_handler_throws_leaves_the_connection_alive) {
  world w;
  const auto [p, s] = w.join_with_socket();
  s->on("bad", [](event&) { throw std::runtime_error("a bug"); });
  s->on("worse", [](event&) { throw 1; });
  s->on("good", [](event& e) { e.ack("fine"); });
  p.send(R"(2["bad"])");
  p.send(R"(2["worse"])");
  p.send(R"(21["good"])");
  EXPECT_THAT(p.take(), ElementsAre(R"(31["fine"])"));
}

TEST(event, that_a_handler_takes_away_before_it_throws_is_still_named_in_the_log) {
  world w;
  const auto [p, s] = w.join_with_socket();
  const std::string name(100, 'n');
  s->on(name, [](event& e) {
    const auto taken = std::move(e);
    throw std::runtime_error("a bug");
  });
  testing::internal::CaptureStdout();
  p.send(R"(2[")" + name + R"("])");
  spdlog::default_logger()->flush();
  EXPECT_THAT(testing::internal::GetCapturedStdout(), testing::HasSubstr(name + " threw: a bug"));
}

TEST(event, handler_may_replace_itself) {
  world w;
  const auto [p, s] = w.join_with_socket();
  std::string heard;
  s->on("a", [&heard, s = s.get(), text = std::string(100, 'x')](event&) {
    s->off("a");
    s->on("a", [&heard](event&) { heard += 'b'; });
    heard += text.substr(99);
  });
  p.send(R"(2["a"])");
  p.send(R"(2["a"])");
  EXPECT_EQ(heard, "xb");
}

TEST(event, handler_may_end_the_connection_and_drop_its_owner) {
  world w;
  auto [p, s] = w.join_with_socket();
  s->on("bye", [&p, s = s](event& e) {
    s->disconnect(true);
    p.connection->on_close("forced server close");  // as a transport may that closes at once
    p.connection.reset();
    e.ack("nobody hears this");
  });
  const std::weak_ptr<socket> watched = s;
  s.reset();
  const auto connection = p.connection.get();
  connection->on_message(message::text(R"(21["bye"])"));
  EXPECT_TRUE(watched.expired()) << "a handler that holds its socket must not keep it";
  EXPECT_EQ(w.root().socket_count(), 0U);
}

TEST(event, bytes_that_wait_are_told) {
  world w;
  const auto [p, s] = w.join_with_socket();
  p.out->buffered = 42;
  EXPECT_EQ(s->buffered_bytes(), 42U);
  p.connection->on_close("transport close");
  EXPECT_EQ(s->buffered_bytes(), 0U);
}

}  // namespace
}  // namespace emostream::socketio::test

// The forms of emit() and their modifiers.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "socketio/error.hpp"
#include "socketio/harness.hpp"
#include "socketio/parent_namespace.hpp"
#include "socketio/unicast.hpp"

namespace application {

struct position {
  int x;
  int y;
};

void tag_invoke(boost::json::value_from_tag, boost::json::value& to, const position& p) {
  to = {{"x", p.x}, {"y", p.y}};
}

}  // namespace application

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds second{1000};

/// A socket in the child of a parent namespace.
class emit_test : public testing::Test {
 protected:
  std::vector<std::string> take() {
    std::vector<std::string> events;
    for (const auto& packet : joined.first.take()) events.push_back(packet.substr(packet.find('[')));
    return events;
  }
  socket::ack_handler record() {
    return [this](const result<arguments>& answer) {
      answers.push_back(answer ? boost::json::serialize(answer->values) : answer.error().message());
    };
  }
  responses_handler record_all() {
    return [this](std::error_code why, const std::vector<arguments>& all) {
      answers.push_back(std::to_string(all.size()) + why.message());
    };
  }

  test_server server;
  parent_namespace& parent = server->of([](std::string_view, const auto&) { return true; });
  std::pair<test_client, std::shared_ptr<socket>> joined = server.join_with_socket("/a");
  const std::shared_ptr<socket>& s = joined.second;
  std::vector<std::string> answers;
};

template <class Sender>
concept takes_a_braced_list = requires(Sender& sender) {
  sender.emit("x", {"a", 1});
};
template <class Sender>
concept takes_a_braced_pair_of_texts = requires(Sender& sender) {
  sender.emit("x", {"a", "b"});
};
template <class Sender>
concept takes_braces_as_a_handler = requires(Sender& sender) {
  sender.emit("x", "a", {});
};
template <class Sender>
concept is_strict = !takes_a_braced_list<Sender> && !takes_a_braced_pair_of_texts<Sender> &&
                    !takes_braces_as_a_handler<Sender>;
static_assert(is_strict<socket> && is_strict<server_namespace> && is_strict<broadcast> &&
              is_strict<unicast> && is_strict<parent_namespace>);

TEST_F(emit_test, takes_arguments_of_any_type) {
  const auto emit_all = [&](auto&& sender) {
    const std::string text = "text";
    sender.emit("x");
    sender.emit("x", {});
    sender.emit("x", "text");
    sender.emit("x", text);
    sender.emit("x", std::string_view(text));
    sender.emit("x", boost::json::string(text));
    sender.emit("x", std::vector<int>{1, 2});
    sender.emit("x", application::position{1, 2});
    sender.emit("x", {{"text", text}, {"list", {1, 2}}, {"empty", {}}});
    sender.emit("x", "a", 1);
    sender.emit("x", text, 1.5, nullptr, boost::json::object{{"y", 2}}, args({}).values);
    sender.emit("x", args({"a", 1}));
    sender.emit("x", arguments::of("a", 1));
    sender.send("hello");
    EXPECT_THAT(take(),
                ElementsAre(R"(["x"])", R"(["x"])", R"(["x","text"])", R"(["x","text"])", R"(["x","text"])",
                            R"(["x","text"])", R"(["x",[1,2]])", R"(["x",{"x":1,"y":2}])",
                            R"(["x",{"text":"text","list":[1,2],"empty":{}}])", R"(["x","a",1])",
                            R"(["x","text",1.5,null,{"y":2},[]])", R"(["x","a",1])", R"(["x","a",1])",
                            R"(["message","hello"])"));
  };
  emit_all(*s);
  emit_all(s->compress(true));
  emit_all(s->nsp());
  emit_all(s->nsp().to(s->id()));
  s->nsp().emit("id", s->id());
  EXPECT_THAT(take(), ElementsAre(R"(["id",")" + s->id() + R"("])"));

  const auto [client, child] = server.join_with_socket("/child");
  test_client dynamic = server.open();
  dynamic.send("0/dynamic,");
  (void)dynamic.take();
  parent.emit("x");
  parent.emit("x", "a", 1);
  parent.send("hello");
  EXPECT_THAT(dynamic.take(), ElementsAre(R"(2/dynamic,["x"])", R"(2/dynamic,["x","a",1])",
                                          R"(2/dynamic,["message","hello"])"));
}

TEST_F(emit_test, requests_acknowledgements_with_any_arguments) {
  s->emit("ask", "a", second, record());
  s->emit("ask", {{"b", 1}}, record());
  s->timeout(second).emit("ask", {}, [this](const auto& answer) { record()(answer); });
  s->nsp().emit("ask", "all", record_all());
  s->nsp().timeout(second).emit("ask", {{"c", 1}}, record_all());
  EXPECT_THAT(take(), ElementsAre(R"(["ask","a"])", R"(["ask",{"b":1}])", R"(["ask"])", R"(["ask","all"])",
                                  R"(["ask",{"c":1}])"));
  for (int id = 0; id < 5; ++id)
    joined.first.send("3/a," + std::to_string(id) + "[" + std::to_string(id) + "]");
  EXPECT_THAT(answers, ElementsAre("[0]", "[1]", "[2]", "1Success", "1Success"));
}

TEST_F(emit_test, acknowledgements_time_out) {
  s->emit("ask", {}, record());
  s->timeout(second).emit("ask", {}, record());
  server.advance(second);
  EXPECT_THAT(answers, ElementsAre("no acknowledgement in time"));
  server.advance(socket::default_timeout);
  EXPECT_EQ(answers.size(), 2U);
}

TEST_F(emit_test, throws_for_reserved_names) {
  for (const std::string name :
       {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    EXPECT_THROW(s->emit(name), std::invalid_argument) << name;
    EXPECT_THROW(s->emit(name, 1, 2), std::invalid_argument);
    EXPECT_THROW(s->emit(name, {}, second, record()), std::invalid_argument);
    EXPECT_THROW(s->volatile_().emit(name), std::invalid_argument);
    EXPECT_THROW(s->timeout(second).emit(name, {}, record()), std::invalid_argument);
    EXPECT_THROW(s->to("nobody").emit(name), std::invalid_argument);
    EXPECT_THROW(s->nsp().emit(name), std::invalid_argument);
    EXPECT_THROW(s->nsp().emit(name, {}, record_all()), std::invalid_argument);
    EXPECT_THROW(parent.emit(name), std::invalid_argument);
    EXPECT_THROW(s->nsp().server_side_emit(name), std::invalid_argument);
    EXPECT_THROW(s->nsp().server_side_emit(name, {}, second, record_all()), std::invalid_argument);
  }
  for (const std::string name : {"connection", "new_namespace"}) {
    EXPECT_THROW(s->nsp().server_side_emit(name), std::invalid_argument);
    EXPECT_NO_THROW(s->emit(name));
  }
  EXPECT_THAT(take(), ElementsAre(R"(["connection"])", R"(["new_namespace"])"));
  EXPECT_THAT(answers, IsEmpty());
}

TEST_F(emit_test, replaces_ill_formed_utf8) {
  s->emit("caf\xC3", "\xFF", boost::json::object{{"\x80", "\xE2\x82"}});
  EXPECT_THAT(take(), ElementsAre("[\"caf\uFFFD\",\"\uFFFD\",{\"\uFFFD\":\"\uFFFD\"}]"));
}

TEST_F(emit_test, volatile_drops_an_event_that_a_polling_client_would_have_to_fetch) {
  s->volatile_().emit("x", 1);
  joined.first.out->poll_waiting = false;  // the first event has answered it
  s->volatile_().emit("x", 2);
  s->nsp().volatile_().emit("x", 3);
  s->nsp().volatile_().emit("x", {}, record_all());
  s->volatile_().timeout(second).emit("x", 4, record());
  s->emit("x", 5);
  joined.first.out->poll_waiting = true;
  s->volatile_().emit("x", 6);
  EXPECT_THAT(take(), ElementsAre(R"(["x",1])", R"(["x",5])", R"(["x",6])"));
  server.advance(second);
  EXPECT_THAT(answers, ElementsAre("0Success", "no acknowledgement in time"));
}

TEST_F(emit_test, modifiers_of_a_socket_apply_to_its_broadcasts_too) {
  const auto [other, other_socket] = server.join_with_socket("/a");
  other_socket->join("x");
  const unicast plain = s->compress(false);
  plain.to({"x", "y"}).emit("to");
  plain.in("x").emit("in");
  plain.except("y").emit("except");
  plain.local().emit("local");
  plain.others().emit("others");
  plain.emit("mine");
  EXPECT_EQ(other.out->sent.size(), 5U);
  for (const auto& m : other.out->sent) EXPECT_FALSE(m.compress) << *m.data;
  EXPECT_FALSE(joined.first.out->sent.at(0).compress);
  EXPECT_THAT(take(), ElementsAre(R"(["mine"])"));

  (void)other.take();
  other.out->buffered = 1;
  s->volatile_().others().emit("dropped");
  s->timeout(second).others().emit("kept", {}, record_all());
  EXPECT_THAT(other.take(), ElementsAre(R"(2/a,0["kept"])"));
  server.advance(second);
  EXPECT_THAT(answers, ElementsAre("0no acknowledgement in time"));
}

}  // namespace
}  // namespace emostream::socketio::test

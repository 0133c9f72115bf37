#include <optional>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include "socketio/broadcast.hpp"
#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A socket, and what its handlers heard.
class listener_test : public testing::Test {
 protected:
  socket::event_handler note(std::string what) {
    return [this, what = std::move(what)](event&) { heard += what; };
  }
  socket::event_observer observe(std::string what) {
    return [this, what = std::move(what)](std::string_view name, const arguments& a) {
      heard += what + std::string(name) + std::to_string(a.values.size());
    };
  }
  std::string take() { return std::exchange(heard, {}); }

  world w;
  std::pair<peer, std::shared_ptr<socket>> joined = w.join_with_socket();
  const peer& p = joined.first;
  const std::shared_ptr<socket>& s = joined.second;
  std::string heard;
};

using a_listener = listener_test;

TEST_F(a_listener, is_called_after_those_before_it) {
  s->on("x", note("1"));
  s->on("x", note("2"));
  s->on("y", note("3"));
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "12");
}

TEST_F(a_listener, hears_once) {
  s->once("x", note("1"));
  s->on("x", note("2"));
  s->on_unhandled(note("?"));
  p.send(R"(2["x"])");
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "122");
  s->off("x");
  s->once("x", note("3"));
  p.send(R"(2["x"])");
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "3?") << "a name whose last handler is gone has none";
}

TEST_F(a_listener, for_once_may_cause_the_event_again) {
  int calls = 0;
  s->once("x", [&](event&) {
    ++calls;
    p.send(R"(2["x"])");
  });
  p.send(R"(2["x"])");
  EXPECT_EQ(calls, 1);
}

TEST_F(a_listener, is_taken_away) {
  const listener one = s->on("x", note("1"));
  s->on("x", note("2"));
  const listener seen = s->on_any(observe(">"));
  s->off(one);
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), ">x02");
  s->off(seen);
  s->off(one);
  s->off("x");
  s->off("never there");
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
}

TEST_F(a_listener, taken_away_during_an_event_still_hears_it) {
  std::optional<listener> second;
  s->on("x", [&](event&) { s->off(*second); });
  second = s->on("x", note("2"));
  p.send(R"(2["x"])");
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "2");
}

TEST_F(a_listener, of_any_event_hears_it_besides_its_handler) {
  s->on("x", note("x"));
  s->on_any(observe("a"));
  s->on_any(observe("b"));
  p.send(R"(2["x",7])");
  p.send(R"(2["y"])");
  EXPECT_EQ(take(), "ax1bx1xay0by0");
  s->off_any();
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "x");
}

TEST_F(a_listener, of_what_is_sent_hears_events_and_broadcasts) {
  s->on_any_outgoing(observe("a"));
  s->emit("x", 1);
  s->emit("ask", {}, milliseconds(1000), [](const result<arguments>&) {});
  w.root().emit("all", args({1, 2}));
  s->to("nobody").emit("no", 1);
  EXPECT_EQ(take(), "ax1aask0aall2");
  s->off_any_outgoing();
  s->emit("x", 1);
  EXPECT_EQ(take(), "");
}

TEST_F(a_listener, of_the_end_is_called_with_the_others) {
  s->on_disconnect([&](disconnect_reason) { throw std::runtime_error("a bug"); });
  s->on_disconnect([&](disconnect_reason why) { heard += why; });
  p.connection->on_close("transport close");
  EXPECT_EQ(take(), "transport close");
}

using a_middleware_of_events = listener_test;

TEST_F(a_middleware_of_events, lets_pass_changes_or_stops_them) {
  s->use([](event& e, const next& go_on) {
    if (e.name == "bad") return go_on({"no", boost::json::value(7)});
    e.args.values.push_back("added");
    go_on();
    go_on();  // counts once
  });
  s->use([this](event&, const next& go_on) {
    heard += "2";
    go_on();
  });
  s->on_any(observe(">"));
  s->on_unhandled(note("?"));
  s->on("x", [](event& e) { e.ack(e.args); });
  s->on_error([this](const refusal& why) { heard += why.message + std::to_string(why.data->as_int64()); });
  p.send(R"(21["x"])");
  EXPECT_THAT(p.take(), ElementsAre(R"(31["added"])"));
  EXPECT_EQ(take(), "2>x1");
  p.send(R"(2["bad"])");
  EXPECT_EQ(take(), "no7");
}

TEST_F(a_middleware_of_events, may_take_its_time) {
  std::optional<next> later;
  s->use([&](event&, next go_on) { later = std::move(go_on); });
  s->on("x", note("x"));
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
  (*later)();
  EXPECT_EQ(take(), "x");
  p.send(R"(2["x"])");
  p.connection->on_close("transport close");
  (*later)();
  EXPECT_EQ(take(), "") << "nobody is there";
}

TEST_F(a_middleware_of_events, that_throws_stops_the_event) {
  s->use([](event&, const next&) { throw std::runtime_error("a bug"); });
  s->on("x", note("x"));
  s->on_error([](const refusal&) { throw std::runtime_error("another"); });
  s->on_error([this](const refusal& why) { heard += why.message; });
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "Internal server error");
  EXPECT_FALSE(p.closed());
}

TEST_F(a_middleware_of_events, may_end_the_connection) {
  s->use([this](event&, const next& go_on) {
    s->disconnect();
    go_on();
  });
  s->on("x", note("x"));
  p.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
  EXPECT_THAT(p.take(), ElementsAre("1"));
}

}  // namespace
}  // namespace emostream::socketio::test

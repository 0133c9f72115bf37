// How long, how much, and whether middlewares agree.

#include <optional>
#include <string>

#include <gmock/gmock.h>

#include "socketio/recovery_harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(recovery_limits, ends_with_its_time) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  visitor late = come(w);
  w.root().emit("a", 1);
  v.lose();
  late.lose();
  w.advance(milliseconds(120'000));
  EXPECT_TRUE(come_back(w, v, "0").end->recovered());
  w.advance(milliseconds(1));
  EXPECT_FALSE(come_back(w, late, "0").end->recovered());
}

TEST(recovery_limits, forgets_what_nobody_came_for) {
  world w(with_recovery());
  w.root();
  for (int i = 0; i < 3; ++i) {
    visitor v = come(w);
    v.end->emit("a", 1);
    v.lose();
    w.advance(milliseconds(1000));
  }
  EXPECT_EQ(w.root().recovery().sessions, 3U);
  EXPECT_EQ(w.root().recovery().events, 3U);
  w.advance(milliseconds(150'000));
  EXPECT_EQ(w.root().recovery().sessions, 0U);
  EXPECT_EQ(w.root().recovery().events, 3U)
      << "a connection may have been dead for a while before it was lost";
  w.advance(milliseconds(60'000));
  EXPECT_EQ(w.root().recovery().events, 0U);
  EXPECT_EQ(w.root().recovery().bytes, 0U);
  EXPECT_EQ(w.root().recovery().events_dropped, 0U);
  EXPECT_EQ(w->deadline(), std::nullopt);
}

TEST(recovery_limits, needs_no_event_that_all_have_seen) {
  world w(with_recovery());
  w.root();
  visitor v = come(w);
  v.end->emit("long ago", 1);
  w.advance(milliseconds(1'000'000));
  EXPECT_EQ(w.root().recovery().events, 0U);
  v.lose();
  EXPECT_TRUE(come_back(w, v, "0").end->recovered());
}

TEST(recovery_limits, logs_nothing_when_there_is_nobody_to_receive_it) {
  world w(with_recovery());
  w.root().emit("a", 1);
  EXPECT_EQ(w.root().recovery().events, 0U);
  visitor v = come(w);
  w.root().to("empty room").emit("a", 1);
  EXPECT_EQ(w.root().recovery().events, 0U);
  w.root().emit("a", 1);
  EXPECT_EQ(w.root().recovery().events, 1U);
  v.lose();
  w.root().emit("a", 1);
  EXPECT_EQ(w.root().recovery().events, 2U) << "it may come back";
  w.advance(milliseconds(200'000));
  w.root().emit("a", 1);
  EXPECT_EQ(w.root().recovery().events, 0U);
}

TEST(recovery_limits, bounds_events_and_their_bytes) {
  auto opts = with_recovery();
  opts.recovery.max_events = 3;
  opts.recovery.max_bytes = 10'000;
  world w(opts);
  w.root();
  visitor v = come(w);
  visitor up_to_date = come(w);
  for (int i = 0; i < 4; ++i) w.root().emit("a", i);
  EXPECT_EQ(w.root().recovery().events, 3U);
  EXPECT_EQ(w.root().recovery().events_dropped, 1U);
  w.root().emit("a", 4);
  v.lose();
  up_to_date.lose();
  EXPECT_FALSE(come_back(w, v, "0").end->recovered()) << "the second is gone";
  const visitor back = come_back(w, up_to_date, "1");
  EXPECT_EQ(back.p.take().size(), 3U);

  w.root().emit("large", boost::json::string(20'000, 'x'));
  EXPECT_EQ(w.root().recovery().events, 0U);
  EXPECT_EQ(w.root().recovery().bytes, 0U);
  w.root().emit("small", 1);
  EXPECT_EQ(w.root().recovery().events, 1U);
}

TEST(recovery_limits, bounds_sessions) {
  auto opts = with_recovery();
  opts.recovery.max_sessions = 2;
  world w(opts);
  w.root();
  visitor first = come(w);
  visitor second = come(w);
  visitor third = come(w);
  w.root().emit("a", 1);
  first.lose();
  second.lose();
  third.lose();
  EXPECT_EQ(w.root().recovery().sessions, 2U);
  EXPECT_EQ(w.root().recovery().sessions_dropped, 1U);
  EXPECT_FALSE(come_back(w, first, "0").end->recovered());
  EXPECT_TRUE(come_back(w, second, "0").end->recovered());
  EXPECT_TRUE(come_back(w, third, "0").end->recovered());
}

TEST(recovery_limits, skips_the_middlewares) {
  world w(with_recovery());
  int judged = 0;
  w.root().use([&](const std::shared_ptr<socket>&, const next& go_on) {
    ++judged;
    go_on();
  });
  visitor v = come(w);
  v.end->emit("a", 1);
  v.lose();
  EXPECT_TRUE(come_back(w, v, "0").end->recovered());
  EXPECT_EQ(judged, 1);
}

TEST(recovery_limits, asks_the_middlewares_if_it_shall) {
  auto opts = with_recovery();
  opts.recovery.skip_middlewares = false;
  world w(opts);
  bool refuse = false;
  std::optional<next> held;
  w.root().use([&](const std::shared_ptr<socket>& s, const next& go_on) {
    if (refuse) return go_on({"not now"});
    if (s->recovered())
      held = go_on;
    else
      go_on();
  });
  visitor v = come(w);
  v.end->join("room");
  v.end->emit("a", 1);
  v.lose();

  refuse = true;
  const peer refused = w.open();
  refused.send("0" + asking(v.pid, "0"));
  EXPECT_THAT(refused.take(), ElementsAre(R"(4{"message":"not now"})"));
  EXPECT_EQ(w.root().recovery().sessions, 1U) << "it may try again";

  refuse = false;
  peer impatient = w.open();
  impatient.send("0" + asking(v.pid, "0"));
  EXPECT_EQ(w.root().recovery().sessions, 0U) << "in use";
  w.root().to("room").emit("missed", 2);
  impatient.connection->on_close("transport close");
  impatient.connection.reset();
  EXPECT_EQ(w.root().recovery().sessions, 1U);

  peer patient = w.open();
  patient.send("0" + asking(v.pid, "0"));
  EXPECT_THAT(patient.take(), IsEmpty());
  w.root().to("room").emit("missed", 3);
  (*held)();
  const auto got = patient.take();
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(member(got[0], "sid"), v.id);
  EXPECT_EQ(got[1], R"(2["missed",2,"1"])");
  EXPECT_EQ(got[2], R"(2["missed",3,"2"])");
}

TEST(recovery_limits, gives_up_when_a_middleware_took_too_long) {
  auto opts = with_recovery();
  opts.recovery.skip_middlewares = false;
  opts.recovery.max_events = 1;
  world w(opts);
  std::optional<next> held;
  w.root().use([&](const std::shared_ptr<socket>& s, const next& go_on) {
    if (s->recovered())
      held = go_on;
    else
      go_on();
  });
  visitor v = come(w);
  v.end->emit("a", 1);
  v.lose();
  const peer p = w.open();
  p.send("0" + asking(v.pid, "0"));
  w.root().emit("b", 1);
  w.root().emit("c", 1);
  (*held)();
  EXPECT_TRUE(p.closed()) << "such that it comes back";
  EXPECT_EQ(w.root().socket_count(), 0U);
  EXPECT_EQ(w.root().recovery().sessions, 0U);
}

TEST(recovery_limits, keeps_a_child_namespace_while_somebody_may_come_back) {
  auto opts = with_recovery();
  opts.remove_empty_child_namespaces = true;
  world w(opts);
  const auto& parent = w->of([](std::string_view name, const auto&) { return name.starts_with("/child"); });
  visitor v = come(w, "", "/child");
  v.end->emit("a", 1);
  v.lose();
  EXPECT_EQ(parent.child_count(), 1U);
  v = come_back(w, v, "0", "/child");
  EXPECT_TRUE(v.end->recovered());
  v.lose();
  v.end.reset();
  EXPECT_EQ(parent.child_count(), 1U);
  w.advance(milliseconds(200'000));
  EXPECT_EQ(parent.child_count(), 0U);
  EXPECT_EQ(w->find("/child"), nullptr);
  v = come(w, "", "/child");
  v.end->disconnect();
  EXPECT_EQ(parent.child_count(), 0U);
}

}  // namespace
}  // namespace emostream::socketio::test

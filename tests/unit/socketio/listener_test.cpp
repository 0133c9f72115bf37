#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "socketio/broadcast.hpp"
#include "socketio/harness.hpp"

namespace emostream::socketio::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A socket, and a record of the calls of its handlers.
class listener_test : public testing::Test {
 protected:
  socket::event_handler record(std::string what) {
    return [this, what = std::move(what)](event&) { called += what; };
  }
  socket::event_observer observe(std::string what) {
    return [this, what = std::move(what)](std::string_view name, const arguments& a) {
      called += what + std::string(name) + std::to_string(a.values.size());
    };
  }
  std::string take() { return std::exchange(called, {}); }

  test_server server;
  std::pair<test_client, std::shared_ptr<socket>> joined = server.join_with_socket();
  const test_client& client = joined.first;
  const std::shared_ptr<socket>& s = joined.second;
  std::string called;
};

TEST_F(listener_test, handlers_run_in_the_order_they_were_added) {
  s->on("x", record("1"));
  s->on("x", record("2"));
  s->on("y", record("3"));
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "12");
}

TEST_F(listener_test, once_runs_for_one_event) {
  s->once("x", record("1"));
  s->on("x", record("2"));
  s->on_unhandled(record("?"));
  client.send(R"(2["x"])");
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "122");
  s->off("x");
  s->once("x", record("3"));
  client.send(R"(2["x"])");
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "3?") << "a name whose last handler was removed is unhandled";
}

TEST_F(listener_test, once_is_removed_before_it_runs) {
  int calls = 0;
  s->once("x", [&](event&) {
    ++calls;
    client.send(R"(2["x"])");
  });
  client.send(R"(2["x"])");
  EXPECT_EQ(calls, 1);
}

TEST_F(listener_test, handlers_and_observers_can_be_removed) {
  const listener one = s->on("x", record("1"));
  s->on("x", record("2"));
  const listener seen = s->on_any(observe(">"));
  s->off(one);
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), ">x02");
  s->off(seen);
  s->off(one);
  s->off("x");
  s->off("never added");
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
}

TEST_F(listener_test, handler_removed_during_an_event_still_runs) {
  std::optional<listener> second;
  s->on("x", [&](event&) { s->off(*second); });
  second = s->on("x", record("2"));
  client.send(R"(2["x"])");
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "2");
}

TEST_F(listener_test, on_any_observes_all_received_events) {
  s->on("x", record("x"));
  s->on_any(observe("a"));
  s->on_any(observe("b"));
  client.send(R"(2["x",7])");
  client.send(R"(2["y"])");
  EXPECT_EQ(take(), "ax1bx1xay0by0");
  s->off_any();
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "x");
}

TEST_F(listener_test, on_any_outgoing_observes_events_and_broadcasts) {
  s->on_any_outgoing(observe("a"));
  s->emit("x", 1);
  s->emit("ask", {}, milliseconds(1000), [](const result<arguments>&) {});
  server.root().emit("all", args({1, 2}));
  s->to("empty").emit("no", 1);
  EXPECT_EQ(take(), "ax1aask0aall2");
  s->off_any_outgoing();
  s->emit("x", 1);
  EXPECT_EQ(take(), "");
}

TEST_F(listener_test, observers_can_be_prepended) {
  s->on_any(observe("a"));
  s->prepend_any(observe("b"));
  const listener third = s->prepend_any(observe("c"));
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "cx0bx0ax0");
  s->off(third);
  s->on_any_outgoing(observe("a"));
  s->prepend_any_outgoing(observe("b"));
  s->emit("y");
  EXPECT_EQ(take(), "by0ay0");
}

TEST_F(listener_test, handlers_can_get_converted_arguments) {
  const listener moved = s->on<std::string, std::vector<int>>(
      "move", [this](const std::string& who, std::vector<int> to, event& e) {
        called += who + std::to_string(to.at(1));
        e.ack(e.args.values.size());
      });
  s->on_error([this](const middleware_error& why) {
    called += why.message + ' ' + std::string(why.data->at("event").as_string());
  });
  client.send(R"(21["move","ann",[3,4],"more"])");
  EXPECT_EQ(take(), "ann4");
  EXPECT_THAT(client.take(), ElementsAre("31[3]"));
  for (const std::string arguments : {"", R"(,"ann")", R"(,1,[3,4])", R"(,"ann",[3.5])", R"(,"ann","3")"}) {
    client.send(R"(22["move")" + arguments + "]");
    EXPECT_EQ(take(), "Invalid arguments move") << arguments;
  }
  EXPECT_THAT(client.take(), IsEmpty());
  s->off(moved);
  client.send(R"(2["move","ann",[3,4]])");
  EXPECT_EQ(take(), "");
}

TEST_F(listener_test, disconnect_handlers_all_run) {
  s->on_disconnect([&](disconnect_reason) { throw std::runtime_error("a bug"); });
  s->on_disconnect([&](disconnect_reason why) { called += why; });
  client.connection->on_close("transport close");
  EXPECT_EQ(take(), "transport close");
}

using event_middleware_test = listener_test;

TEST_F(event_middleware_test, can_pass_modify_or_reject_events) {
  s->use([](event& e, const next& proceed) {
    if (e.name == "bad") return proceed({"no", boost::json::value(7)});
    e.args.values.push_back("added");
    proceed();
    proceed();  // ignored
  });
  s->use([this](event&, const next& proceed) {
    called += "2";
    proceed();
  });
  s->on_any(observe(">"));
  s->on_unhandled(record("?"));
  s->on("x", [](event& e) { e.ack(e.args); });
  s->on_error(
      [this](const middleware_error& why) { called += why.message + std::to_string(why.data->as_int64()); });
  client.send(R"(21["x"])");
  EXPECT_THAT(client.take(), ElementsAre(R"(31["added"])"));
  EXPECT_EQ(take(), "2>x1");
  client.send(R"(2["bad"])");
  EXPECT_EQ(take(), "no7");
}

TEST_F(event_middleware_test, can_continue_later) {
  std::optional<next> later;
  s->use([&](event&, next proceed) { later = std::move(proceed); });
  s->on("x", record("x"));
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
  (*later)();
  EXPECT_EQ(take(), "x");
  client.send(R"(2["x"])");
  client.connection->on_close("transport close");
  (*later)();
  EXPECT_EQ(take(), "") << "the socket is disconnected";
}

TEST_F(event_middleware_test, rejects_the_event_if_it_throws) {
  s->use([](event&, const next&) { throw std::runtime_error("a bug"); });
  s->on("x", record("x"));
  s->on_error([](const middleware_error&) { throw std::runtime_error("another bug"); });
  s->on_error([this](const middleware_error& why) { called += why.message; });
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "Internal server error");
  EXPECT_FALSE(client.closed());
}

TEST_F(event_middleware_test, can_disconnect_the_socket) {
  s->use([this](event&, const next& proceed) {
    s->disconnect();
    proceed();
  });
  s->on("x", record("x"));
  client.send(R"(2["x"])");
  EXPECT_EQ(take(), "");
  EXPECT_THAT(client.take(), ElementsAre("1"));
}

}  // namespace
}  // namespace emostream::socketio::test

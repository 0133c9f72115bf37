#include "net/turn_queue.hpp"

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace emostream::net {
namespace {

/// A queue with a manual clock.
struct turn_queue_test : testing::Test {
  struct connection {
    char name;
    int turn_ms;
    int turns;  ///< left to take
    turn_queue::share share;
  };

  connection& add(char name, int turn_ms, int turns = 1) {
    auto& c = *connections.emplace_back(std::make_unique<connection>(connection{name, turn_ms, turns, {}}));
    add(c);
    return c;
  }
  void add(connection& c) {
    queue.add(c.share, [this, &c] {
      order += c.name;
      now += milliseconds(c.turn_ms);
      return --c.turns > 0;
    });
  }
  /// Runs handlers until none is left.
  void run() {
    io.restart();
    io.run();
  }
  /// Runs one handler.
  void step() {
    io.restart();
    ASSERT_EQ(io.run_one(), 1U);
  }

  time_point now{};
  asio::io_context io;
  turn_queue queue{io.get_executor(), [this] { return now; }};
  std::vector<std::unique_ptr<connection>> connections;
  std::string order;
};

TEST_F(turn_queue_test, connections_take_turns_in_order_of_arrival) {
  for (const char name : {'a', 'b', 'c'}) add(name, 1);
  EXPECT_EQ(order, "");
  run();
  EXPECT_EQ(order, "abc");
}

TEST_F(turn_queue_test, the_connection_that_has_used_the_thread_least_is_next) {
  add('f', 4, 5);
  add('g', 4, 5);
  add('m', 1, 5);
  run();
  EXPECT_EQ(order, "fgmmmmfgmfgfgfg");
}

TEST_F(turn_queue_test, a_newcomer_waits_for_one_turn_of_those_who_flood) {
  auto& flood = add('f', 2, 1000);
  add('g', 2, 1000);
  step();
  order.clear();
  while (flood.turns > 500) step();
  order.clear();
  add('h', 1);
  step();
  step();
  EXPECT_TRUE(order == "h" || order.substr(1) == "h") << order;
}

TEST_F(turn_queue_test, a_connection_that_was_idle_has_not_saved_up_time) {
  auto& idle = add('i', 1);
  auto& busy = add('b', 1, 1000);
  run();
  busy.turns = idle.turns = 100;
  order.clear();
  add(idle);
  add(busy);
  while (busy.turns > 50) step();
  EXPECT_NEAR(idle.turns, 50, 2);
}

TEST_F(turn_queue_test, a_connection_that_was_alone_is_not_in_debt) {
  auto& early = add('e', 1, 1000);
  run();
  early.turns = 100;
  add(early);
  auto& late = add('l', 1, 100);
  while (late.turns > 50) step();
  EXPECT_NEAR(early.turns, 50, 2);
}

TEST_F(turn_queue_test, lets_other_handlers_run_between_turns) {
  add('f', 1, 3);
  asio::post(io, [&] { order += '.'; });
  run();
  EXPECT_EQ(order, "f.ff");
}

TEST_F(turn_queue_test, takes_several_short_turns_at_once) {
  for (const char name : {'a', 'b', 'c'}) add(name, 0);
  asio::post(io, [&] { order += '.'; });
  run();
  EXPECT_EQ(order, "abc.");
}

TEST_F(turn_queue_test, a_turn_is_over_after_a_millisecond) {
  turn_queue::share share;
  queue.add(share, [&] {
    EXPECT_FALSE(queue.over());
    now += milliseconds(1);
    EXPECT_TRUE(queue.over());
    return false;
  });
  run();
}

TEST_F(turn_queue_test, takes_the_collected_turns_at_once) {
  queue.collect_and_run([&] {
    add('a', 0);
    add('b', 0);
    EXPECT_EQ(order, "");
  });
  EXPECT_EQ(order, "ab");
}

}  // namespace
}  // namespace emostream::net

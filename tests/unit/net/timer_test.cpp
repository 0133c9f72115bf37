#include "net/timer.hpp"

#include "net/http_fixture.hpp"

namespace emostream::net {
namespace {

struct timer_test : http_fixture {};

TEST_F(timer_test, runs_tasks_in_order_of_time) {
  http_server s(opts);
  std::string order;
  const auto now = steady_clock::now();
  auto c = s.call_at(now + milliseconds(3), [&] {
    order += 'c';
    s.close_all();
  });
  auto a = s.call_at(now - milliseconds(1), [&] { order += 'a'; });
  auto b = s.call_at(now + milliseconds(1), [&] { order += 'b'; });
  s.run();
  EXPECT_EQ(order, "abc");
}

TEST_F(timer_test, a_cancelled_timer_does_not_run_its_task) {
  http_server s(opts);
  auto cancelled = s.call_after(milliseconds(0), [] { FAIL(); });
  cancelled.cancel();
  {
    auto destroyed = s.call_after(milliseconds(0), [] { FAIL(); });
  }
  auto replaced = s.call_after(milliseconds(0), [] { FAIL(); });
  replaced = timer();
  auto end = s.call_after(milliseconds(2), [&] { s.close_all(); });
  s.run();
}

TEST_F(timer_test, an_expired_timer_can_still_be_cancelled) {
  http_server s(opts);
  timer second;
  const auto past = steady_clock::now() - milliseconds(1);
  auto first = s.call_at(past, [&] { second.cancel(); });
  second = s.call_at(past, [] { FAIL(); });
  auto end = s.call_after(milliseconds(2), [&] { s.close_all(); });
  s.run();
}

TEST_F(timer_test, may_be_cancelled_by_its_own_task) {
  http_server s(opts);
  timer self;
  self = s.call_after(milliseconds(0), [&] {
    self.cancel();
    s.close_all();
  });
  s.run();
}

}  // namespace
}  // namespace emostream::net

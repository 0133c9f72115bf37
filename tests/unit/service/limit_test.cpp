#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::IsEmpty;

/// What alice may send over all her connections: six frames at once, and "image" (8 letters of base64) eight
/// times.
class account_limit_test : public application_test {
 protected:
  account_limit_test()
      : application_test(
            {.account = {.max_fps = 6, .burst = 6, .max_bytes_per_second = 64, .burst_bytes = 64}}) {}
};

TEST_F(account_limit_test, frames_of_all_connections_count) {
  const auto a = started("alice");
  const auto b = started("alice", alias);
  for (int i = 0; i < 3; ++i) {
    a->emit_frame("1", "no");
    b->emit_frame("2", "no");
    finish_frames();
  }
  a->take();
  b->take();
  now_ms += 100;  // each has the tokens of its connection again, but the account has not
  a->emit_frame("3", "no", "3");
  const auto sent = a->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1), json::parse(R"({"code":429,"reason":"rate_limited","frame_id":3,
    "timestamp":1700000000.1,"message":"Too many frames a second for this account"})"));
  EXPECT_EQ(
      sent[1].data.at(0),
      json::parse(R"({"ok":false,"frame_id":3,"dropped":true,"reason":"rate_limited","target_fps":10})"));
  b->emit_frame("4", "no", "4");
  EXPECT_THAT(b->take_names(), ElementsAre("error_message", "ack 4"));
  b->emit_frame("5", "no", "5");
  EXPECT_THAT(b->take_names(), ElementsAre("ack 5")) << "the event comes once a second";

  const auto c = started("bob");
  c->emit_frame("1", "no");
  finish_frames();
  EXPECT_THAT(c->take_names(), ElementsAre("detection_result"));
}

TEST_F(account_limit_test, bytes_count) {
  const auto a = started("alice");
  const auto b = started("alice");
  a->emit_frame("1", std::string(24, 'x'));  // 32 letters
  b->emit_frame("2", std::string(21, 'x'));
  finish_frames();
  EXPECT_THAT(b->take_names(), ElementsAre("detection_result"));
  a->take();
  a->emit_frame("3", "image");
  EXPECT_EQ(a->take_event("error_message").at("message"), "Too many bytes a second for this account");
  now_ms += 125;
  a->emit_frame("4", "image");
  finish_frames();
  EXPECT_THAT(a->take_names(), ElementsAre("detection_result"));
  EXPECT_EQ(app.stats().since_start.frame_bytes, 32U + 28 + 8 + 8);
}

class budget_test : public application_test {
 protected:
  budget_test() : application_test({.max_bytes_in_flight = 24}) {}
};

TEST_F(budget_test, a_frame_over_it_is_answered_overloaded) {
  const auto a = started("alice");
  const auto b = started("bob");
  a->emit_frame("1", "hold 1");  // 8 letters of base64, as all here
  wait_until_held();
  a->emit_frame("2", "hold 2");
  b->emit_frame("3", "image3");
  EXPECT_EQ(app.stats().bytes_in_flight, 24U);
  now_ms += 100;
  b->emit_frame("4", "image4", "4");
  auto sent = b->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1).at("code"), 503);
  EXPECT_EQ(sent[0].data.at(1).at("reason"), "overloaded");
  EXPECT_EQ(sent[1].data.at(0),
            json::parse(R"({"ok":false,"frame_id":4,"dropped":true,"reason":"overloaded","target_fps":10})"));
  b->emit_frame("5", "image5", "5");
  EXPECT_THAT(b->take_names(), ElementsAre("ack 5"));

  gate.release();
  release_and_finish();
  EXPECT_EQ(app.stats().bytes_in_flight, 0U);
  EXPECT_EQ(b->take_event("detection_result").at("dropped_since_last"), 2);
  b->emit_frame("6", "image6");
  finish_frames();
  EXPECT_THAT(b->take_names(), ElementsAre("detection_result"));
  EXPECT_EQ(app.stats().since_start.dropped.at("overloaded"), 2U);
}

TEST_F(budget_test, is_given_back_whatever_becomes_of_a_frame) {
  const auto c = started("alice");
  const auto in_flight = [this] { return app.stats().bytes_in_flight; };
  for (const std::string_view image : {"bad", "big", "throw", "none"}) {
    now_ms += 1000;
    c->emit_frame("1", image);
    finish_frames();
    EXPECT_EQ(in_flight(), 0U) << image;
  }
  now_ms += 1000;
  c->emit_frame("1", "hold 1");
  wait_until_held();
  c->emit_frame("2", "image2");
  c->emit_frame("3", "image3");
  run_one_task();
  EXPECT_EQ(in_flight(), 16U) << "replaced";
  now_ms += 1000;
  c->emit("control", R"({"action":"stop"})");
  run_one_task();
  EXPECT_EQ(in_flight(), 8U) << "cancelled";
  c->leave();
  EXPECT_EQ(in_flight(), 8U) << "a worker still has it";
  release_and_finish();
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(budget_test, each_frame_is_counted_once) {
  const auto c = started("alice");
  c->emit_frame("1", "hold 1");
  wait_until_held();
  c->emit_frame("2", "image2");
  c->emit_frame("3", "image3");
  c->emit_frame("4", "image4");  // over the rate
  c->emit("video_frame", "{}");
  now_ms += 300;
  release_and_finish();
  for (const std::string_view image : {"bad", "throw", "none"}) {
    now_ms += 1000;
    c->emit_frame("5", image);
    finish_frames();
  }
  c->emit("control", R"({"action":"stop"})");
  c->emit_frame("6", "none");
  const totals& t = app.stats().since_start;
  EXPECT_EQ(t.frames, 9U);
  EXPECT_EQ(t.analyzed, 2U);
  EXPECT_EQ(t.results, 2U);
  EXPECT_EQ(t.failed.at("no_image_data"), 1U);
  EXPECT_EQ(t.failed.at("undecodable_image"), 1U);
  EXPECT_EQ(t.failed.at("internal_error"), 1U);
  EXPECT_EQ(t.dropped.at("replaced"), 1U);
  EXPECT_EQ(t.dropped.at("stale"), 1U);
  EXPECT_EQ(t.dropped.at("rate_limited"), 1U);
  EXPECT_EQ(t.dropped.at("not_started"), 1U);
  EXPECT_EQ(t.analyzed + sum(t.failed) + sum(t.dropped), t.frames);
  EXPECT_THAT(t.seconds.classify.counts(), ::testing::Contains(2U)) << "3.5 ms each";
  EXPECT_DOUBLE_EQ(t.seconds.classify.sum(), 0.007);
  EXPECT_DOUBLE_EQ(t.seconds.latency.sum(), 0.3);
}

class idle_test : public application_test {
 protected:
  idle_test() : application_test({.idle_timeout = std::chrono::seconds(60)}) {}

  void tick(int ms) {
    now_ms = ms;
    app.on_time();
  }
};

TEST_F(idle_test, who_says_nothing_is_told_and_disconnected) {
  const auto c = connected();
  tick(59'999);
  EXPECT_THAT(c->take(), IsEmpty());
  tick(60'000);
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(
      sent[0].data.at(1),
      json::parse(
          R"({"code":408,"message":"No event for 60 seconds","timestamp":1700000060,"reason":"idle"})"));
  EXPECT_EQ(sent[1].type, '1');
  EXPECT_EQ(app.stats().sessions, 0U);
  EXPECT_EQ(app.stats().since_start.idle_closed, 1U);
}

TEST_F(idle_test, any_event_counts) {
  const auto c = connected();
  now_ms = 30'000;
  c->emit("who_knows", "");
  tick(89'999);
  EXPECT_THAT(c->take_names(), ElementsAre("error_message"));
  c->emit("initialize", "");
  tick(149'998);
  EXPECT_THAT(c->take_names(), ElementsAre("initialized"));
  tick(149'999);
  EXPECT_THAT(c->take_names(), ElementsAre("error_message", "disconnect"));
}

TEST_F(idle_test, a_viewer_is_not_idle_while_results_come) {
  const auto viewer = connected("bob");
  viewer->emit("join_room", R"({"room":"r","role":"viewer"})");
  const auto c = started("alice");
  c->emit("join_room", "\"r\"");
  viewer->take();
  now_ms = 50'000;
  c->emit_frame("1", "none");
  finish_frames();
  tick(60'000);
  EXPECT_THAT(viewer->take_names(), ElementsAre("detection_result"));
  tick(110'000);
  EXPECT_THAT(viewer->take_names(), ElementsAre("error_message", "disconnect"));
}

class never_idle_test : public application_test {
 protected:
  never_idle_test() : application_test({.idle_timeout = std::chrono::seconds(0)}) {}
};

TEST_F(never_idle_test, none_means_never) {
  const auto c = connected();
  now_ms = 3'000'000;
  app.on_time();
  EXPECT_THAT(c->take(), IsEmpty());
}

}  // namespace
}  // namespace emostream::service

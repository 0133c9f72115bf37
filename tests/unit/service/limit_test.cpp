#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::IsEmpty;

/// An account may send a burst of six frames and of 64 bytes, which are eight times "image" in base64.
class account_limit_test : public service_test {
 protected:
  account_limit_test()
      : service_test({.account = {.max_fps = 6, .burst = 6, .max_bytes_per_second = 64, .burst_bytes = 64}}) {
  }
};

TEST_F(account_limit_test, counts_the_frames_of_all_connections) {
  const auto a = started("alice");
  const auto b = started("alice", alias);
  for (int i = 0; i < 3; ++i) {
    a->emit_frame("1", "no");
    b->emit_frame("2", "no");
    finish_frames();
  }
  a->take();
  b->take();
  now_ms += 100;  // allows another frame of each connection, but not of the account
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
  EXPECT_THAT(b->take_names(), ElementsAre("ack 5")) << "the event is sent once a second";

  const auto c = started("bob");
  c->emit_frame("1", "no");
  finish_frames();
  EXPECT_THAT(c->take_names(), ElementsAre("detection_result"));
}

TEST_F(account_limit_test, counts_bytes) {
  const auto a = started("alice");
  const auto b = started("alice");
  a->emit_frame("1", std::string(24, 'x'));  // 32 characters in base64
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
  EXPECT_EQ(app.stats().since_start.frame_bytes_received, 32U + 28 + 8 + 8);
}

class budget_test : public service_test {
 protected:
  budget_test() : service_test({.max_bytes_in_flight = 24}) {}
};

TEST_F(budget_test, a_frame_over_the_budget_is_rejected_as_overloaded) {
  const auto a = started("alice");
  const auto b = started("bob");
  a->emit_frame("1", "hold 1");  // 8 characters in base64, like all images here
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
  EXPECT_EQ(app.stats().since_start.frames_dropped["overloaded"], 2U);
}

TEST_F(budget_test, a_frame_releases_its_bytes_when_it_ends) {
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
  io.run_one();
  EXPECT_EQ(in_flight(), 16U) << "replaced";
  now_ms += 1000;
  c->emit("control", R"({"action":"stop"})");
  io.run_one();
  EXPECT_EQ(in_flight(), 8U) << "cancelled";
  c->disconnect();
  EXPECT_EQ(in_flight(), 8U) << "a worker is still processing it";
  release_and_finish();
  EXPECT_EQ(in_flight(), 0U);
}

TEST_F(budget_test, counts_each_frame_once) {
  const auto c = started("alice");
  c->emit_frame("1", "hold 1");
  wait_until_held();
  c->emit_frame("2", "image2");
  c->emit_frame("3", "image3");
  c->emit_frame("4", "image4");  // exceeds the rate
  now_ms += 300;
  release_and_finish();
  now_ms += 1000;
  c->emit("video_frame", "{}");
  for (const std::string_view image : {"bad", "throw", "none"}) {
    now_ms += 1000;
    c->emit_frame("5", image);
    finish_frames();
  }
  c->emit("control", R"({"action":"stop"})");
  c->emit_frame("6", "none");
  const service_counters t = app.stats().since_start;
  EXPECT_EQ(t.frames_received, 9U);
  EXPECT_EQ(t.frames_analyzed, 2U);
  EXPECT_EQ(t.results_sent, 2U);
  EXPECT_EQ(t.frames_failed["no_image_data"], 1U);
  EXPECT_EQ(t.frames_failed["undecodable_image"], 1U);
  EXPECT_EQ(t.frames_failed["internal_error"], 1U);
  EXPECT_EQ(t.frames_dropped["replaced"], 1U);
  EXPECT_EQ(t.frames_dropped["stale"], 1U);
  EXPECT_EQ(t.frames_dropped["rate_limited"], 1U);
  EXPECT_EQ(t.frames_dropped["not_started"], 1U);
  EXPECT_EQ(t.frames_analyzed + t.frames_failed.sum() + t.frames_dropped.sum(), t.frames_received);
  EXPECT_THAT(t.stage_seconds.classify.counts(), ::testing::Contains(2U)) << "3.5 ms each";
  EXPECT_DOUBLE_EQ(t.stage_seconds.classify.sum(), 0.007);
  EXPECT_DOUBLE_EQ(t.stage_seconds.latency.sum(), 0.3);
}

class idle_test : public service_test {
 protected:
  idle_test() : service_test({.idle_timeout = std::chrono::seconds(60)}) {}

  void check_timeouts_at(int ms) {
    now_ms = ms;
    app.check_timeouts();
  }
};

TEST_F(idle_test, disconnects_an_idle_client_with_an_error) {
  const auto c = connected();
  check_timeouts_at(59'999);
  EXPECT_THAT(c->take(), IsEmpty());
  check_timeouts_at(60'000);
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(
      sent[0].data.at(1),
      json::parse(R"({"code":408,"message":"Idle for 60 seconds","timestamp":1700000060,"reason":"idle"})"));
  EXPECT_EQ(sent[1].type, '1');
  EXPECT_EQ(app.stats().sessions, 0U);
  EXPECT_EQ(app.stats().since_start.idle_disconnects, 1U);
}

TEST_F(idle_test, any_event_resets_the_timeout) {
  const auto c = connected();
  now_ms = 30'000;
  c->emit("unknown", "");
  check_timeouts_at(89'999);
  EXPECT_THAT(c->take_names(), ElementsAre("error_message"));
  c->emit("initialize", "");
  check_timeouts_at(149'998);
  EXPECT_THAT(c->take_names(), ElementsAre("initialized"));
  check_timeouts_at(149'999);
  EXPECT_THAT(c->take_names(), ElementsAre("error_message", "disconnect"));
}

TEST_F(idle_test, a_viewer_is_not_idle_while_its_room_has_results) {
  const auto viewer = connected("bob");
  viewer->emit("join_room", R"({"room":"r","role":"viewer"})");
  const auto c = started("alice");
  c->emit("join_room", "\"r\"");
  viewer->take();
  now_ms = 50'000;
  c->emit_frame("1", "none");
  finish_frames();
  check_timeouts_at(60'000);
  EXPECT_THAT(viewer->take_names(), ElementsAre("detection_result"));
  check_timeouts_at(110'000);
  EXPECT_THAT(viewer->take_names(), ElementsAre("error_message", "disconnect"));
}

class never_idle_test : public service_test {
 protected:
  never_idle_test() : service_test({.idle_timeout = std::chrono::seconds(0)}) {}
};

TEST_F(never_idle_test, a_timeout_of_zero_disables_it) {
  const auto c = connected();
  now_ms = 3'000'000;
  app.check_timeouts();
  EXPECT_THAT(c->take(), IsEmpty());
}

/// A connection may send three events at once, an account five, connecting included.
class event_limit_test : public service_test {
 protected:
  event_limit_test()
      : service_test({.account = {.max_events = 2, .event_burst = 5},
                      .max_events = 1,
                      .event_burst = 3,
                      .max_rejected_events = 1,
                      .rejected_event_burst = 3}) {}

  static void send_event(test_client& c, std::string_view ack = "") {
    c.emit("leave_room", "\"lobby\"", ack);
  }
};

TEST_F(event_limit_test, rejects_events_over_the_rate_of_the_connection) {
  const auto c = connected();
  for (int i = 0; i < 3; ++i) send_event(*c);
  c->take();
  send_event(*c, "7");
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1).at("reason"), "rate_limited");
  EXPECT_EQ(sent[1].data.at(0).at("ok"), false);
  send_event(*c, "8");
  EXPECT_THAT(c->take_names(), ElementsAre("ack 8")) << "the event is sent once a second";
  now_ms += 1000;
  send_event(*c);
  EXPECT_EQ(c->take_event("error_message").at("reason"), "not_in_room");
  EXPECT_EQ(app.stats().since_start.events_rejected, 2U);
}

TEST_F(event_limit_test, counts_the_events_and_connections_of_an_account_together) {
  const auto a = connected("alice");
  const auto b = connected("alice", alias);
  for (int i = 0; i < 3; ++i) send_event(*a);
  send_event(*b);
  EXPECT_EQ(b->take_event("error_message").at("reason"), "rate_limited");
  const auto c = std::make_unique<test_client>(hub, nsp);
  c->connect(token("alice"));
  EXPECT_EQ(c->take().at(0).data.at("data").at("code"), "RATE_LIMITED");
  (void)connected("bob");
}

TEST_F(event_limit_test, disconnects_a_client_after_too_many_rejected_events) {
  const auto c = connected();
  for (int i = 0; i < 3 + 3; ++i) send_event(*c);
  c->take();
  send_event(*c);
  EXPECT_THAT(c->take_names(), ElementsAre("error_message", "disconnect"));
}

TEST_F(event_limit_test, frames_before_the_start_count_as_events) {
  const auto c = connected();
  for (int i = 0; i < 3; ++i) c->emit_frame("1", "image");
  EXPECT_EQ(c->take_event("error_message").at("reason"), "not_started");
  c->emit_frame("1", "image");
  EXPECT_EQ(c->take_event("error_message").at("reason"), "rate_limited");
}

}  // namespace
}  // namespace emostream::service

#include "metrics/monitor.hpp"

#include <gmock/gmock.h>

#include "service/harness.hpp"

namespace emostream::metrics {
namespace {

TEST(has_bearer_token, requires_the_scheme_and_the_whole_token) {
  EXPECT_TRUE(has_bearer_token("Bearer abc", "abc"));
  EXPECT_TRUE(has_bearer_token("bearer abc", "abc"));
  for (const char* wrong :
       {"", "abc", "Bearer", "Bearer ", "Bearer ab", "Bearer abcd", "Bearer abC", "Basic abc"})
    EXPECT_FALSE(has_bearer_token(wrong, "abc")) << wrong;
  EXPECT_FALSE(has_bearer_token(std::nullopt, "abc"));
}

class monitor_test : public service::testing::service_test {
 protected:
  monitor_test() : service_test({.max_bytes_in_flight = 8}) {}

  void tick(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      now_ms += 1000;
      watch.observe_load(steady());
    }
  }

  server::server unused{{}};
  monitor watch{unused, app, queue, {.max_connections = 1, .max_sessions = 1}, [] {
                  return status_counts{{200, 7}};
                }};
};

TEST_F(monitor_test, is_ready_until_draining) {
  EXPECT_EQ(watch.readyz_response().status, 200);
  EXPECT_EQ(*watch.readyz_response().body, "ready");
  app.drain([] {});
  EXPECT_EQ(watch.readyz_response().status, 503);
  EXPECT_EQ(*watch.readyz_response().body, "draining");
}

TEST_F(monitor_test, is_not_ready_while_the_memory_budget_is_used_up) {
  const auto c = started();
  c->emit_frame("1", "hold 1");
  wait_until_held();
  tick(4);
  EXPECT_EQ(watch.readyz_response().status, 503);
  EXPECT_EQ(*watch.readyz_response().body, "saturated: memory");
  EXPECT_THAT(*watch.metrics_response({}, "").body, ::testing::HasSubstr("\nemostream_ready 0\n"));
  release_and_finish();
  tick(11);
  EXPECT_EQ(watch.readyz_response().status, 200);
}

TEST_F(monitor_test, is_not_ready_while_most_images_from_any_source_are_stale) {
  std::counting_semaphore<> outcomes{0};
  const auto submit_six_at_once = [&] {
    const auto at = steady();
    std::vector<pipeline::frame_queue::mailbox> mailboxes;
    for (int i = 0; i < 6; ++i) {
      mailboxes.push_back(queue.open_mailbox(
          std::make_shared<pipeline::worker_share>(),
          [this](auto, const auto&, time_point, vision::analysis&) {
            now_ms += 1000;
            return std::error_code{};
          },
          [&outcomes](const pipeline::outcome&) { outcomes.release(); }));
      mailboxes.back().submit(
          {.image = {.owner = nullptr, .content = "image"}, .options = {}, .received = at});
    }
    for (int i = 0; i < 6; ++i) outcomes.acquire();
  };
  tick(1);
  for (int second = 0; second < 4; ++second) {
    EXPECT_EQ(watch.readiness(), "ready");
    submit_six_at_once();
    watch.observe_load(steady());
  }
  EXPECT_EQ(watch.readiness(), "saturated: frames");
}

TEST_F(monitor_test, metrics_require_the_token_if_one_is_configured) {
  EXPECT_EQ(watch.metrics_response({}, "").status, 200);
  EXPECT_THAT(*watch.metrics_response({}, "").body,
              ::testing::HasSubstr("\nemostream_image_requests_total{status=\"200\"} 7\n"));
  EXPECT_EQ(watch.metrics_response("Bearer secret", "secret").status, 200);
  const auto rejected = watch.metrics_response("Bearer other", "secret");
  EXPECT_EQ(rejected.status, 401);
  EXPECT_EQ(rejected.headers.back(), (std::pair<std::string, std::string>("WWW-Authenticate", "Bearer")));
  EXPECT_EQ(rejected.body->find("emostream_"), std::string::npos);
}

TEST_F(monitor_test, metrics_name_no_account_and_no_room) {
  const auto c = started("a-name-of-somebody");
  c->emit("join_room", "\"a-room-of-somebody\"");
  const std::string text = *watch.metrics_response({}, "").body;
  EXPECT_EQ(text.find("somebody"), std::string::npos);
  EXPECT_THAT(text, ::testing::HasSubstr("\nemostream_sessions_processing 1\n"));
  EXPECT_THAT(text, ::testing::HasSubstr("\nemostream_advised_fps 10\n"));
}

}  // namespace
}  // namespace emostream::metrics

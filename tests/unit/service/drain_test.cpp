#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class drain_test : public service_test {
 protected:
  void drain() {
    app.drain([this] { drained = true; });
  }
  bool drained = false;
};

TEST_F(drain_test, completes_immediately_when_no_frame_is_in_flight) {
  EXPECT_TRUE(app.ready());
  drain();
  EXPECT_TRUE(drained);
  EXPECT_FALSE(app.ready());
}

TEST_F(drain_test, finishes_the_frames_in_flight) {
  const auto c = started();
  c->emit_frame("1", "hold", "1");
  wait_until_held();
  c->emit_frame("2", "none", "2");
  drain();
  EXPECT_FALSE(drained);
  c->emit_frame("3", "none", "3");
  const json::value rejected = c->take_ack("3");
  EXPECT_EQ(rejected.at("code"), 503);
  EXPECT_EQ(rejected.at("reason"), "shutting_down");
  release_and_finish();
  EXPECT_TRUE(drained);
  EXPECT_THAT(c->take_names(), ElementsAre("detection_result", "ack 1", "detection_result", "ack 2"));
}

TEST_F(drain_test, waits_for_frames_of_disconnected_clients) {
  auto c = started();
  c->emit_frame("1", "hold");
  wait_until_held();
  c->disconnect();
  drain();
  EXPECT_FALSE(drained);
  release_and_finish();
  EXPECT_TRUE(drained);
}

TEST_F(drain_test, rejects_connections) {
  drain();
  test_client c(hub, nsp);
  c.connect(token("alice"));
  const auto sent = c.take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].data,
            json::parse(R"({"message":"Server is shutting down","data":{"code":"SHUTTING_DOWN"}})"));
}

}  // namespace
}  // namespace emostream::service

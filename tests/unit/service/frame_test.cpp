#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

class frame_test : public service_test {
 protected:
  frame_test() : service_test({.image = {.max_bytes = 300}, .min_confidence = 0.75}) {}

  /// Sends a frame, a second after the last one so that it is not rate-limited, and returns its error.
  json::value error_of(test_client& c, std::string_view payload) {
    now_ms += 1000;
    c.emit("video_frame", payload);
    finish_frames();
    return c.take_event("error_message");
  }
};

TEST_F(frame_test, a_frame_before_start_is_an_error) {
  const auto c = connected();
  c->emit_frame("7", "image", "1");
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(0), "error_message");
  EXPECT_EQ(sent[0].data.at(1), json::parse(R"({"code":400,"message":"Processing not started",
    "timestamp":1700000000,"reason":"not_started","frame_id":7})"));
  EXPECT_EQ(sent[1].data.at(0).at("ok"), false);
  EXPECT_EQ(sent[1].data.at(0).at("reason"), "not_started");
  EXPECT_EQ(sent[1].data.at(0).at("frame_id"), 7);
}

TEST_F(frame_test, a_frame_after_stop_is_an_error) {
  const auto c = started();
  c->emit("control", R"({"action":"stop"})");
  EXPECT_EQ(error_of(*c, "{}").at("message"), "Processing not started");
}

TEST_F(frame_test, the_result_precedes_the_acknowledgement) {
  const auto c = started();
  c->emit_frame("7", "image", "1");
  EXPECT_TRUE(c->take().empty()) << "no acknowledgement before the outcome";
  finish_frames();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(0), "detection_result");
  EXPECT_EQ(sent[0].data.at(1).at("frame_id"), 7);
  EXPECT_EQ(sent[1].ack, "1");
  EXPECT_EQ(sent[1].data.at(0), json::parse(R"({"ok":true,"frame_id":7,"target_fps":10})"));
}

TEST_F(frame_test, accepts_base64_data_urls_and_binary) {
  const auto c = started();
  c->emit("video_frame", R"({"frame_id":"a","data":"bm9uZQ=="})");
  finish_frames();
  c->emit("video_frame", R"({"frame_id":"b","data":"data:image/jpeg;base64,bm9uZQ=="})");
  finish_frames();
  c->emit_binary_frame("\"c\"", "none");
  finish_frames();
  std::vector<json::value> ids;
  for (const packet& p : c->take()) {
    EXPECT_EQ(p.data.at(0), "detection_result");
    EXPECT_EQ(p.data.at(1).at("face_count"), 0);
    ids.push_back(p.data.at(1).at("frame_id"));
  }
  EXPECT_THAT(ids, ElementsAre("a", "b", "c"));
}

TEST_F(frame_test, bytes_without_an_object_are_the_image) {
  const auto c = started();
  c->emit_bytes("none", "1");
  finish_frames();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(0), "detection_result");
  EXPECT_EQ(sent[0].data.at(1).at("frame_id"), 1);
  EXPECT_EQ(sent[1].data.at(0).at("ok"), true);
}

TEST_F(frame_test, a_frame_without_an_id_is_identified_by_its_number) {
  const auto c = started();
  c->emit("video_frame", R"({"data":"bm9uZQ=="})");
  c->emit("video_frame", "{}");
  EXPECT_EQ(c->take_event("error_message").at("frame_id"), 2);
  finish_frames();
  EXPECT_EQ(c->take_event("detection_result").at("frame_id"), 1);
}

TEST_F(frame_test, a_frame_without_an_image_gets_the_documented_error) {
  const auto c = started();
  c->emit("video_frame", R"({"frame_id":"x"})", "1");
  const auto sent = c->take();
  EXPECT_EQ(sent.at(0).data.at(1), json::parse(R"({"code":500,"timestamp":1700000000,"frame_id":"x",
    "message":"Error processing frame: No image data provided","reason":"no_image_data"})"));
  EXPECT_EQ(sent.at(1).data.at(0).at("ok"), false);
  EXPECT_EQ(sent.at(1).data.at(0).at("reason"), "no_image_data");
  const std::string_view message = "Error processing frame: No image data provided";
  EXPECT_EQ(error_of(*c, "").at("message").as_string(), message);
  EXPECT_EQ(error_of(*c, R"({"data":""})").at("message").as_string(), message);
  EXPECT_EQ(error_of(*c, R"({"data":"data:;base64,"})").at("message").as_string(), message);
}

TEST_F(frame_test, an_image_that_cannot_be_decoded_is_an_error) {
  const auto c = started();
  json::value error = error_of(*c, R"({"frame_id":1,"data":"%%%%"})");
  EXPECT_EQ(error.at("code"), 500);
  EXPECT_EQ(error.at("reason"), "undecodable_image");
  EXPECT_EQ(error.at("frame_id"), 1);
  EXPECT_EQ(error.at("message"), "Error processing frame: Image data is not valid base64");
  error = error_of(*c, R"({"frame_id":2,"data":"YmFk"})");
  EXPECT_EQ(error.at("code"), 500);
  EXPECT_THAT(std::string(error.at("message").as_string()),
              ::testing::StartsWith("Error processing frame: "));
  error = error_of(*c, R"({"frame_id":3,"data":"data:image/png,raw"})");
  EXPECT_EQ(error.at("reason"), "undecodable_image");
}

TEST_F(frame_test, rejects_a_frame_that_is_too_large) {
  const auto c = started();
  json::value error = error_of(*c, R"({"frame_id":1,"data":")" + std::string(420, 'A') + "\"}");
  EXPECT_EQ(error.at("code"), 413);
  EXPECT_EQ(error.at("reason"), "frame_too_large");
  EXPECT_EQ(error.at("message"),
            "Frame is too large: the encoded image is larger than allowed: at most 300 bytes");
  now_ms += 1000;
  c->emit_binary_frame("2", std::string(301, 'x'));
  EXPECT_EQ(c->take_event("error_message").at("code"), 413);
  error = error_of(*c, R"({"data":"Ymln"})");
  EXPECT_EQ(error.at("code"), 413) << "too many pixels";
}

TEST_F(frame_test, the_error_names_the_invalid_field) {
  const auto c = started();
  const json::value error = error_of(*c, R"({"frame_id":1,"data":"bm9uZQ==","timestamp":"now"})");
  EXPECT_EQ(error.at("code"), 400);
  EXPECT_EQ(error.at("reason"), "invalid_payload");
  EXPECT_EQ(error.at("message"), "timestamp must be a number of seconds since 1970");
}

TEST_F(frame_test, a_resolution_of_another_form_is_ignored) {
  const auto c = started();
  c->emit("video_frame", R"({"frame_id":1,"data":"bm9uZQ==","resolution":"640x480"})", "1");
  finish_frames();
  EXPECT_EQ(c->take_ack("1"),
            json::parse(R"({"ok":true,"frame_id":1,"target_fps":10,"ignored":["resolution"]})"));
}

TEST_F(frame_test, an_internal_error_is_not_counted_as_a_bad_frame) {
  const auto c = started();
  for (int i = 0; i < 10; ++i) {
    const json::value error = error_of(*c, R"({"data":"dGhyb3c="})");
    EXPECT_EQ(error.at("code"), 500);
    EXPECT_EQ(error.at("reason"), "internal_error");
    EXPECT_EQ(error.at("message"), "Error processing frame: Internal error");
  }
  EXPECT_EQ(app.stats().sessions, 1U);
}

TEST_F(frame_test, five_bad_frames_in_a_row_disconnect_the_client) {
  const auto c = started();
  for (int i = 0; i < 4; ++i) error_of(*c, R"({"data":"YmFk"})");
  now_ms += 1000;
  c->emit_frame("1", "none");
  finish_frames();
  EXPECT_THAT(c->take_names(), ElementsAre("detection_result")) << "a good frame resets the count";
  error_of(*c, R"({"data":"YmFk"})");
  error_of(*c, R"({"data":{}})");
  error_of(*c, R"({"data":7})");
  error_of(*c, R"({"data":")" + std::string(420, 'A') + "\"}");
  now_ms += 1000;
  c->emit("video_frame", R"({"data":"YmFk"})", "9");
  finish_frames();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].data.at(1).at("code"), 500);
  EXPECT_EQ(sent[1].ack, "9");
  EXPECT_EQ(sent[2].data.at(1).at("code"), 400);
  EXPECT_EQ(sent[2].data.at(1).at("reason"), "too_many_bad_frames");
  EXPECT_EQ(sent[2].data.at(1).at("message"), "Too many bad frames in a row");
  EXPECT_EQ(sent[3].type, '1');
  EXPECT_EQ(app.stats().sessions, 0U);
}

TEST_F(frame_test, empty_pictures_are_answered_but_not_counted_as_bad) {
  const auto c = started();
  for (int i = 0; i < 5; ++i)
    for (const auto* empty : {"", "null", "{}", R"({"data":null})", R"({"data":""})", R"({"data":"data:,"})",
                              R"({"data":"data:image/png;base64,"})", R"({"data":"\n"})"})
      EXPECT_EQ(error_of(*c, empty).at("reason"), "no_image_data") << empty;
  EXPECT_EQ(app.stats().sessions, 1U);
  EXPECT_EQ(app.stats().since_start.frames_failed["no_image_data"], 40U);
}

TEST_F(frame_test, empty_pictures_do_not_forgive_bad_ones) {
  const auto c = started();
  for (int i = 0; i < 5; ++i) {
    error_of(*c, "{}");
    error_of(*c, R"({"data":7})");
  }
  EXPECT_EQ(app.stats().sessions, 0U);
}

TEST_F(frame_test, empty_pictures_count_towards_the_rate) {
  const auto c = started();
  for (int i = 1; i <= 5; ++i) c->emit("video_frame", R"({"data":null})", std::to_string(i));
  EXPECT_THAT(c->take_names(), ElementsAre("error_message", "ack 1", "error_message", "ack 2",
                                           "error_message", "ack 3", "error_message", "ack 4", "ack 5"));
  EXPECT_EQ(app.stats().since_start.frames_failed["no_image_data"], 3U);
  EXPECT_EQ(app.stats().since_start.frames_dropped["rate_limited"], 2U);
}

TEST_F(frame_test, five_bad_payloads_in_a_row_disconnect_within_the_handler) {
  const auto c = started();
  for (int i = 0; i < 5; ++i) c->emit("video_frame", "[]");
  EXPECT_THAT(c->take_names(), ElementsAre("error_message", "error_message", "error_message", "error_message",
                                           "error_message", "error_message", "disconnect"));
  EXPECT_EQ(app.stats().sessions, 0U);
}

TEST_F(frame_test, allows_ten_frames_per_second_and_three_at_once) {
  const auto c = started();
  for (int i = 1; i <= 3; ++i) {
    c->emit_frame(std::to_string(i), "none");
    finish_frames();
  }
  EXPECT_THAT(c->take_names(), ElementsAre("detection_result", "detection_result", "detection_result"));
  c->emit_frame("4", "none", "4");
  auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].data.at(1).at("code"), 429);
  EXPECT_EQ(sent[0].data.at(1).at("reason"), "rate_limited");
  EXPECT_EQ(sent[0].data.at(1).at("frame_id"), 4);
  EXPECT_EQ(
      sent[1].data.at(0),
      json::parse(R"({"ok":false,"frame_id":4,"dropped":true,"reason":"rate_limited","target_fps":10})"));
  c->emit_frame("5", "none", "5");
  EXPECT_THAT(c->take_names(), ElementsAre("ack 5"))
      << "the event is sent once a second, the acknowledgement always";

  now_ms += 100;
  c->emit_frame("6", "none");
  finish_frames();
  EXPECT_EQ(c->take_event("detection_result").at("dropped_since_last"), 2);
  now_ms += 900;
  for (int i = 0; i < 4; ++i) c->emit_frame("7", "none");
  finish_frames();
  EXPECT_EQ(c->take_event("error_message").at("code"), 429);
  EXPECT_EQ(app.stats().since_start.frames_dropped["rate_limited"], 3U);
}

TEST_F(frame_test, a_newer_frame_replaces_the_waiting_one) {
  const auto c = started();
  c->emit_frame("1", "hold", "1");
  wait_until_held();
  c->emit_frame("2", "none", "2");
  c->emit_frame("3", "none", "3");
  io.run_one();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].ack, "2");
  EXPECT_EQ(sent[0].data.at(0),
            json::parse(R"({"ok":false,"frame_id":2,"dropped":true,"reason":"replaced","target_fps":10})"));
  release_and_finish();
  std::vector<json::value> dropped;
  for (const packet& p : c->take())
    if (p.type == '2') dropped.push_back(p.data.at(1).at("dropped_since_last"));
  EXPECT_THAT(dropped, ElementsAre(1, 0));
}

TEST_F(frame_test, a_frame_that_waited_too_long_is_dropped) {
  const auto blocker = started("bob");
  const auto c = started();
  blocker->emit_frame("1", "hold");
  wait_until_held();
  c->emit_frame("1", "none", "1");
  now_ms += 251;
  release_and_finish();
  EXPECT_EQ(c->take_ack("1"),
            json::parse(R"({"ok":false,"frame_id":1,"dropped":true,"reason":"stale","target_fps":10})"));
}

TEST_F(frame_test, stop_cancels_the_waiting_frame_and_the_one_being_processed) {
  const auto c = started();
  c->emit_frame("1", "hold", "1");
  wait_until_held();
  c->emit_frame("2", "none", "2");
  c->emit("control", R"({"action":"stop"})");
  c->emit("control", R"({"action":"start"})");
  EXPECT_THAT(c->take_names(), ElementsAre("status", "status"));
  release_and_finish();
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 2U) << "no result of a frame from before the stop";
  for (const packet& p : sent) {
    EXPECT_EQ(p.type, '3');
    EXPECT_EQ(p.data.at(0).at("reason"), "cancelled");
  }
}

TEST_F(frame_test, cancels_the_waiting_frame_of_a_disconnected_client) {
  auto c = started();
  c->emit_frame("1", "hold", "1");
  wait_until_held();
  c->emit_frame("2", "none", "2");
  c->disconnect();
  EXPECT_EQ(app.stats().sessions, 0U);
  release_and_finish();
  EXPECT_EQ(queue.stats().dropped[static_cast<std::size_t>(pipeline::drop_reason::cancelled)], 1U);
}

TEST_F(frame_test, passes_the_config_to_the_analyzer) {
  const auto c = started();
  c->emit_frame("0", "image");
  finish_frames();
  EXPECT_EQ(c->take_event("detection_result").at("faces").at(0).at("confidence"), 0.75) << "the default";
  c->emit(
      "control",
      R"({"action":"configure","config":{"min_confidence":0.25,"max_faces":2,"eyes":true,"upright":false}})");
  c->emit_frame("1", "image");
  finish_frames();
  const json::value result = c->take_event("detection_result");
  EXPECT_EQ(result.at("face_count"), 2);
  EXPECT_EQ(result.at("faces").at(0).at("confidence"), 0.25);
  EXPECT_TRUE(result.at("faces").at(0).at("eyes").is_object());
  EXPECT_EQ(result.at("resolution"), json::parse("[100,200]"));
}

TEST_F(frame_test, advises_a_lower_rate_when_frames_wait) {
  const auto blocker = started("bob");
  const auto c = started();
  for (int i = 0; i < 5; ++i) {
    now_ms += 1000;
    blocker->emit_frame("1", "hold");
    wait_until_held();
    c->emit_frame("1", "none", std::to_string(i));
    now_ms += 150;
    release_and_finish();
  }
  const auto sent = c->take();
  ASSERT_EQ(sent.size(), 11U);
  EXPECT_EQ(sent[8].data.at(0), "status");
  EXPECT_EQ(sent[8].data.at(1), json::parse(R"({"state":"processing","action":"pace","target_fps":5,
    "timestamp":1700000005.75})"));
  EXPECT_EQ(sent[10].data.at(0).at("target_fps"), 5);
}

}  // namespace
}  // namespace emostream::service

#include "service/harness.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class control_test : public service_test {
 protected:
  std::unique_ptr<test_client> client = connected();
};

TEST_F(control_test, initialize_reports_config_limits_and_model) {
  client->emit("initialize",
               R"({"config":{"max_faces":3,"fps":30,"detector":{"x":1}},"client":{"name":"test"}})", "1");
  const auto sent = client->take();
  ASSERT_EQ(sent.size(), 2U);
  json::object message = sent[0].data.at(1).as_object();
  EXPECT_EQ(sent[0].data.at(0), "initialized");
  EXPECT_EQ(message.at("session_id").as_string().size(), 20U);
  message.erase("session_id");
  EXPECT_EQ(json::value(message), json::parse(R"({
    "user_id": "alice", "protocol_version": 1, "server_time": 1700000000,
    "config": {"min_confidence": 0.5, "max_faces": 3, "smoothing": true, "raw_emotions": false, "mesh": false,
               "eyes": false, "upright": true},
    "limits": {"max_frame_bytes": 1000000, "max_pixels": 2073600, "min_side": 32, "max_fps": 10, "burst": 3,
               "max_bad_frames": 5, "max_rooms": 16, "max_connections": 10, "account_max_fps": 60,
               "account_burst": 30, "account_max_bytes_per_second": 30000000, "idle_timeout_s": 300},
    "model": {"detector": "blaze", "classifier": "mini", "labels": ["neutral", "happiness", "fear"]},
    "ignored_config": ["fps", "detector"]})"));

  json::object ack = sent[1].data.at(0).as_object();
  EXPECT_EQ(sent[1].type, '3');
  EXPECT_EQ(ack.at("ok"), true);
  ack.erase("ok");
  ack.erase("session_id");
  EXPECT_EQ(ack, message);
}

TEST_F(control_test, initialize_needs_no_payload_and_may_be_repeated) {
  client->emit("initialize", "");
  client->emit("initialize", "{}");
  client->emit("initialize", "null");
  EXPECT_THAT(client->take_names(), ElementsAre("initialized", "initialized", "initialized"));
}

TEST_F(control_test, initialize_may_join_a_room) {
  client->emit("initialize", R"({"room":"lobby"})");
  EXPECT_EQ(client->take_event("initialized").at("room"), "lobby");
  EXPECT_EQ(app.stats().rooms, 1U);
}

TEST_F(control_test, an_invalid_initialize_changes_nothing) {
  client->emit("initialize", R"({"config":{"max_faces":3,"smoothing":7},"room":"lobby"})", "1");
  const json::value error = client->take_event("error_message");
  EXPECT_EQ(error, json::parse(R"({"code":400,"message":"config.smoothing must be true or false",
                                   "timestamp":1700000000,"reason":"invalid_payload"})"));
  client->emit("initialize", R"({"config":{"max_faces":3},"room":7})", "2");
  EXPECT_EQ(client->take_ack("2").at("ok"), false);
  EXPECT_EQ(app.stats().rooms, 0U);
  client->emit("initialize", "");
  EXPECT_EQ(client->take_event("initialized").at("config").at("max_faces"), 0);
}

TEST_F(control_test, start_and_stop_change_and_report_the_state) {
  client->emit("control", R"({"action":"start"})", "1");
  const auto sent = client->take();
  ASSERT_EQ(sent.size(), 2U);
  const json::value status = json::parse(R"({"state":"processing","action":"start","target_fps":10,
    "timestamp":1700000000,
    "config":{"min_confidence":0.5,"max_faces":0,"smoothing":true,"raw_emotions":false,"mesh":false,"eyes":false,
              "upright":true}})");
  EXPECT_EQ(sent[0].data.at(0), "status");
  EXPECT_EQ(sent[0].data.at(1), status);
  EXPECT_EQ(sent[1].data.at(0).at("ok"), true);
  EXPECT_EQ(sent[1].data.at(0).at("state"), "processing");
  EXPECT_EQ(app.stats().processing, 1U);

  client->emit("control", R"({"action":"start"})");
  EXPECT_EQ(client->take_event("status"), status) << "starting again is not an error";
  client->emit("control", R"({"action":"stop"})");
  EXPECT_EQ(client->take_event("status").at("state"), "idle");
  client->emit("control", R"({"action":"stop"})");
  EXPECT_EQ(client->take_event("status").at("state"), "idle");
  EXPECT_EQ(app.stats().processing, 0U);
}

TEST_F(control_test, configure_changes_the_config_in_any_state) {
  client->emit("control", R"({"action":"configure","config":{"min_confidence":0.75,"interval":5}})");
  json::value status = client->take_event("status");
  EXPECT_EQ(status.at("state"), "idle");
  EXPECT_EQ(status.at("action"), "configure");
  EXPECT_EQ(status.at("config").at("min_confidence"), 0.75);
  EXPECT_EQ(status.at("ignored_config"), json::parse(R"(["interval"])"));
  client->emit("control", R"({"action":"start","config":{"raw_emotions":true}})");
  status = client->take_event("status");
  EXPECT_EQ(status.at("state"), "processing");
  EXPECT_EQ(status.at("config").at("min_confidence"), 0.75);
  EXPECT_EQ(status.at("config").at("raw_emotions"), true);
}

TEST_F(control_test, an_invalid_config_prevents_start) {
  client->emit("control", R"({"action":"start","config":{"max_faces":-1}})");
  EXPECT_THAT(client->take_names(), ElementsAre("error_message"));
  EXPECT_EQ(app.stats().processing, 0U);
}

TEST_F(control_test, unknown_actions_and_events_are_errors) {
  client->emit("control", R"({"action":"pause"})", "1");
  const json::value error = client->take_ack("1");
  EXPECT_EQ(error.at("ok"), false);
  EXPECT_EQ(error.at("code"), 400);
  EXPECT_EQ(error.at("reason"), "unknown_action");
  EXPECT_EQ(error.at("message"), "Unknown action: \"pause\"");
  client->emit("frame", "{}", "2");
  EXPECT_EQ(client->take_event("error_message").at("reason"), "unknown_event");
  client->emit("frame", "{}", "3");
  EXPECT_EQ(client->take_ack("3").at("reason"), "unknown_event");
}

TEST_F(control_test, survives_arbitrary_payloads) {
  for (const std::string_view event :
       {"initialize", "control", "video_frame", "join_room", "leave_room", "zzz"})
    for (const std::string_view junk :
         {"null", "7", "1e999", "-1180591620717411303424", "true", "\"\\u0000\"", "[[[[]]]]",
          R"({"":{"":{"":{}}}})", R"({"action":{"action":[]}})", R"({"config":[null]})"}) {
      client->emit(event, junk);
      now_ms += 100;  // within the rate of events
    }
  client->take();
  client->emit("initialize", "{}");
  // The packet parser may reject an out-of-range number and close the connection.
  if (app.stats().sessions == 1) {
    EXPECT_THAT(client->take_names(), ElementsAre("initialized"));
  }
}

}  // namespace
}  // namespace emostream::service

#include <cmath>
#include <limits>

#include "service/harness.hpp"
#include "service/messages.hpp"

namespace emostream::service {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class result_test : public service_test {
 protected:
  json::value result_of(std::string_view payload = R"({"frame_id":"f","data":"aW1hZ2U="})") {
    client->emit("video_frame", payload);
    finish_frames();
    return client->take_event("detection_result");
  }
  std::unique_ptr<test_client> client = started();
};

TEST_F(result_test, has_every_documented_field_but_the_room) {
  next_analysis = [](std::string_view) {
    return analysis_of({face_at(10, {0.2F, 0.7F, 0.1F}), face_at(120, {})});
  };
  client->emit("control", R"({"action":"configure","config":{"raw_emotions":true}})");
  client->emit("initialize", "");
  const json::value session_id = client->take_event("initialized").at("session_id");

  json::object result =
      result_of(R"({"frame_id":"f","timestamp":1699999999.5,"data":"aW1hZ2U="})").as_object();
  EXPECT_EQ(result.at("session_id"), session_id);
  result.erase("session_id");
  EXPECT_EQ(json::value(result), json::parse(R"({
    "version": 1, "user_id": "alice", "frame_id": "f", "seq": 1,
    "timestamp": 1699999999.5, "processed_at": 1700000000, "latency_ms": 0,
    "timing": {"queue": 0, "decode": 1.5, "detect": 2.5, "classify": 3.5},
    "resolution": [200, 100], "face_count": 2, "dropped_since_last": 0,
    "faces": [
      {"face_id": 1, "confidence": 0.9,
       "box": {"x": 10, "y": 20, "width": 50, "height": 60}, "box_norm": [0.05, 0.2, 0.25, 0.6],
       "landmarks": [[11,21],[11,21],[11,21],[11,21],[11,21],[11,21]],
       "pose": {"yaw": 1, "pitch": 2, "roll": 3},
       "quality": {"blur": 100, "brightness": 0.5, "size_px": 50, "flags": ["dark"]}, "measured": true,
       "dominant_emotion": "happiness", "emotions": {"neutral": 0.2, "happiness": 0.7, "fear": 0.1},
       "raw_emotions": {"neutral": 0.2, "happiness": 0.7, "fear": 0.1}, "valence": 0.25, "arousal": -0.5},
      {"face_id": 2, "confidence": 0.9,
       "box": {"x": 120, "y": 20, "width": 50, "height": 60}, "box_norm": [0.6, 0.2, 0.25, 0.6],
       "landmarks": [[121,21],[121,21],[121,21],[121,21],[121,21],[121,21]],
       "pose": {"yaw": 1, "pitch": 2, "roll": 3},
       "quality": {"blur": 100, "brightness": 0.5, "size_px": 50, "flags": ["dark"]}, "measured": false,
       "dominant_emotion": null, "emotions": {}, "valence": null, "arousal": null}],
    "model": {"detector": "blaze", "classifier": "mini"}})"));
}

TEST_F(result_test, describes_the_analysis_of_a_single_image) {
  const json::value image = with_integers(to_json(
      analysis_of({face_at(10, {0.2F, 0.7F, 0.1F}), face_at(120, {})}), {"blaze", "mini", {"a", "b", "c"}}));
  EXPECT_EQ(image.at("resolution"), json::parse("[200,100]"));
  EXPECT_EQ(image.at("timing"), json::parse(R"({"decode":1.5,"detect":2.5,"classify":3.5})"));
  EXPECT_EQ(image.at("face_count"), 2);
  EXPECT_EQ(image.at("faces").at(0).at("dominant_emotion"), "b");
  EXPECT_EQ(image.at("faces").at(1).at("face_id"), 2);
  EXPECT_EQ(image.at("faces").at(1).at("measured"), false);
  EXPECT_EQ(image.at("model"), json::parse(R"({"detector":"blaze","classifier":"mini"})"));
}

TEST_F(result_test, an_image_without_a_face_is_not_an_error) {
  const json::value result = result_of(R"({"frame_id":1,"data":"bm9uZQ=="})");
  EXPECT_EQ(result.at("faces"), json::array{});
  EXPECT_EQ(result.at("face_count"), 0);
}

TEST_F(result_test, reports_sequence_number_and_times) {
  const auto blocker = started("bob");
  result_of();
  blocker->emit_frame("1", "hold");
  wait_until_held();
  client->emit("video_frame", R"({"frame_id":2,"data":"aW1hZ2U="})");
  now_ms += 20;
  release_and_finish();
  const json::value result = client->take_event("detection_result");
  EXPECT_EQ(result.at("seq"), 2);
  EXPECT_EQ(result.at("timing").at("queue"), 20);
  EXPECT_EQ(result.at("latency_ms"), 20);
  EXPECT_EQ(result.at("timestamp"), 1700000000) << "the time of arrival if the client sent none";
  EXPECT_EQ(result.at("processed_at"), 1700000000.02);
}

TEST_F(result_test, smooths_the_emotions_of_a_face) {
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {1, 0, 0})}); };
  const json::value first = result_of().at("faces").at(0);
  next_analysis = [](std::string_view) { return analysis_of({face_at(12, {0, 1, 0})}); };
  now_ms += 100;
  const json::value second = result_of().at("faces").at(0);
  EXPECT_EQ(first.at("face_id"), second.at("face_id"));
  EXPECT_NEAR(second.at("emotions").at("happiness").to_number<double>(), 1 - std::exp(-0.25), 1e-4);
  EXPECT_EQ(second.at("dominant_emotion"), "neutral");
  EXPECT_FALSE(second.as_object().contains("raw_emotions"));

  client->emit("control", R"({"action":"configure","config":{"smoothing":false}})");
  now_ms += 100;
  const json::value third = result_of().at("faces").at(0);
  EXPECT_EQ(third.at("emotions").at("happiness"), 1);
  EXPECT_EQ(third.at("dominant_emotion"), "happiness");
}

TEST_F(result_test, raw_emotions_are_not_smoothed) {
  client->emit("control", R"({"action":"configure","config":{"raw_emotions":true}})");
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {1, 0, 0})}); };
  result_of();
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {0, 1, 0})}); };
  now_ms += 100;
  const json::value face = result_of().at("faces").at(0);
  EXPECT_EQ(face.at("raw_emotions").at("happiness"), 1);
  EXPECT_LT(face.at("emotions").at("happiness").to_number<double>(), 0.5);
}

TEST_F(result_test, start_resets_the_smoothing) {
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {1, 0, 0})}); };
  result_of();
  client->emit("control", R"({"action":"stop"})");
  client->emit("control", R"({"action":"start"})");
  now_ms += 100;
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {0, 1, 0})}); };
  const json::value face = result_of().at("faces").at(0);
  EXPECT_EQ(face.at("emotions").at("happiness"), 1);
}

TEST_F(result_test, sends_only_finite_numbers) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float inf = std::numeric_limits<float>::infinity();
  next_analysis = [](std::string_view) {
    vision::face f = face_at(nan, {nan, inf, 0});
    f.box.width = inf;
    f.pose = vision::head_pose{.yaw = nan, .pitch = -inf, .roll = nan};
    f.reading->valence = nan;
    f.quality.blur = inf;
    vision::analysis a = analysis_of({f});
    a.width = 0;  // a divisor in box_norm
    a.times.detect = inf;
    return a;
  };
  const json::value result = result_of();  // other numbers are not valid JSON and would fail to parse
  EXPECT_EQ(result.at("face_count"), 1);
  EXPECT_EQ(result.at("faces").at(0).at("valence"), 0);
  EXPECT_EQ(result.at("faces").at(0).at("box_norm").at(0), 0);
}

TEST_F(result_test, a_face_may_have_no_landmarks_and_no_pose) {
  next_analysis = [](std::string_view) {
    vision::face f = face_at(10, {0, 1, 0});
    f.landmarks.reset();
    f.pose.reset();
    return analysis_of({f});
  };
  const json::value face = result_of().at("faces").at(0);
  EXPECT_EQ(face.at("landmarks"), json::array());
  EXPECT_EQ(face.at("pose"), nullptr);
}

TEST_F(result_test, has_the_mesh_and_the_eyes_of_faces_if_they_are_configured) {
  next_analysis = [](std::string_view) {
    vision::face f = face_at(10, {0, 1, 0});
    vision::mesh_points points{};
    points[1] = {.x = 10.26F, .y = -3, .z = -0.04F};
    f.mesh = points;
    f.eyes = vision::face_eyes{{.left = {.openness = 0.9876F, .gaze = {0.25F, -0.5F}}, .right = {}}, 2};
    return analysis_of({f, face_at(120, {})});
  };
  const json::value plain = result_of().at("faces").at(0);
  EXPECT_FALSE(plain.as_object().contains("mesh"));
  EXPECT_FALSE(plain.as_object().contains("eyes"));

  client->emit("control", R"({"action":"configure","config":{"mesh":true,"eyes":true}})");
  const json::value faces = result_of().at("faces");
  const json::array& mesh = faces.at(0).at("mesh").as_array();
  ASSERT_EQ(mesh.size(), 3 * 468U);
  EXPECT_EQ(json::array(mesh.begin(), mesh.begin() + 6), json::parse("[0, 0, 0, 10.3, -3, 0]"));
  EXPECT_EQ(faces.at(0).at("eyes"), json::parse(R"({
    "left": {"openness": 0.988, "gaze": [0.25, -0.5]}, "right": {"openness": 0, "gaze": [0, 0]}, "blinks": 2})"));
  EXPECT_EQ(faces.at(1).at("mesh"), nullptr);
  EXPECT_EQ(faces.at(1).at("eyes"), nullptr);
}

TEST_F(result_test, the_eyes_of_a_single_image_have_no_blinks) {
  vision::face f = face_at(10, {});
  f.eyes.emplace();
  const json::value image = to_json(analysis_of({f}), {"blaze", "mini", {"a"}}, {.mesh = true, .eyes = true});
  const json::object& face = image.at("faces").at(0).as_object();
  EXPECT_EQ(face.at("mesh"), nullptr);
  EXPECT_FALSE(face.at("eyes").as_object().contains("blinks"));
}

TEST_F(result_test, emotions_sum_to_one) {
  next_analysis = [](std::string_view) { return analysis_of({face_at(10, {1 / 3.0F, 1 / 3.0F, 1 / 3.0F})}); };
  double sum = 0;
  const json::value result = result_of();
  for (const auto& [label, p] : result.at("faces").at(0).at("emotions").as_object())
    sum += p.to_number<double>();
  EXPECT_NEAR(sum, 1, 1e-4);
}

}  // namespace
}  // namespace emostream::service

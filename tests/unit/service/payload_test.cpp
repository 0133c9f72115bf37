#include "service/payload.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace emostream::service {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// Returns the error message, or "" on success.
template <class T>
std::string error_of(const or_error<T>& parsed) {
  return parsed ? "" : parsed.error().message;
}

std::string config_error(std::string_view config) {
  const auto a = parse_initialize(json::parse(R"({"config":)" + std::string(config) + "}"));
  const auto b = parse_control(json::parse(R"({"action":"configure","config":)" + std::string(config) + "}"));
  EXPECT_EQ(error_of(a), error_of(b));
  return error_of(a);
}

or_error<frame_request> parse_frame(std::string_view payload, std::size_t max_bytes = 30) {
  socketio::arguments args;
  if (!payload.empty()) args.values.push_back(json::parse(payload));
  auto parsed = parse_video_frame(args, {.max_bytes = max_bytes});
  return parsed;
}

TEST(payload_test, initialize_accepts_an_object_or_nothing) {
  EXPECT_TRUE(parse_initialize(nullptr));
  EXPECT_TRUE(parse_initialize(json::object{}));
  EXPECT_TRUE(
      parse_initialize(json::parse(R"({"config":null,"room":null,"client":{"name":"x"},"more":[1]})")));
  for (const auto& payload :
       {json::value(1), json::value("x"), json::value(true), json::value(json::array{})})
    EXPECT_EQ(error_of(parse_initialize(payload)), "initialize takes an object");
}

TEST(payload_test, config_accepts_known_keys_and_lists_the_others) {
  const auto parsed = parse_initialize(json::parse(
      R"({"config":{"min_confidence":0.25,"max_faces":2,"smoothing":false,"raw_emotions":true,"mesh":true,"eyes":true,
          "upright":false,"fps":30,"x":{"y":[]}}})"));
  ASSERT_TRUE(parsed);
  session_config config;
  parsed->config.apply_to(config);
  EXPECT_EQ(config.min_confidence, 0.25);
  config_change zero_confidence;
  zero_confidence.min_confidence = 0;
  zero_confidence.apply_to(config);
  EXPECT_EQ(config.min_confidence, lowest_min_confidence);
  EXPECT_EQ(config.max_faces, 2);
  EXPECT_FALSE(config.smoothing);
  EXPECT_TRUE(config.raw_emotions);
  EXPECT_TRUE(config.mesh);
  EXPECT_TRUE(config.eyes);
  EXPECT_FALSE(config.upright);
  EXPECT_THAT(parsed->config.ignored, ElementsAre("fps", "x"));
}

TEST(payload_test, config_changes_only_the_given_keys) {
  session_config config{.min_confidence = 0.9,
                        .max_faces = 3,
                        .smoothing = false,
                        .raw_emotions = true,
                        .mesh = true,
                        .eyes = true};
  parse_initialize(json::parse(R"({"config":{"max_faces":0,"smoothing":null,"eyes":false}})"))
      ->config.apply_to(config);
  EXPECT_EQ(config.min_confidence, 0.9);
  EXPECT_EQ(config.max_faces, 0);
  EXPECT_FALSE(config.smoothing);
  EXPECT_TRUE(config.raw_emotions);
  EXPECT_TRUE(config.mesh);
  EXPECT_FALSE(config.eyes);
}

TEST(payload_test, config_errors_name_the_field) {
  for (const std::string_view v :
       {"-0.1", "1.1", "\"0.5\"", "1180591620717411303424", "1e308", "true", "[]", "{}"})
    EXPECT_THAT(config_error(R"({"min_confidence":)" + std::string(v) + "}"),
                HasSubstr("config.min_confidence"))
        << v;
  for (const std::string_view v : {"-1", "101", "1.5", "\"1\"", "18446744073709551615", "1e300", "false"})
    EXPECT_THAT(config_error(R"({"max_faces":)" + std::string(v) + "}"), HasSubstr("config.max_faces")) << v;
  EXPECT_THAT(config_error(R"({"smoothing":1})"), HasSubstr("config.smoothing"));
  EXPECT_THAT(config_error(R"({"raw_emotions":"yes"})"), HasSubstr("config.raw_emotions"));
  EXPECT_EQ(config_error(R"({"mesh":"yes"})"), "config.mesh must be true or false");
  EXPECT_EQ(config_error(R"({"eyes":0})"), "config.eyes must be true or false");
  EXPECT_THAT(config_error(R"({"upright":0})"), HasSubstr("config.upright"));
  EXPECT_EQ(config_error("[]"), "config must be an object");
  EXPECT_EQ(config_error("7"), "config must be an object");
}

TEST(payload_test, rejects_numbers_that_are_not_finite) {
  // The parser may return infinity or an error.
  json::error_code ec;
  const json::value huge = json::parse(R"({"config":{"min_confidence":1e999}})", ec);
  if (!ec) {
    EXPECT_FALSE(parse_initialize(huge));
  }
  const json::value infinite =
      json::object{{"config", {{"max_faces", std::numeric_limits<double>::infinity()}}}};
  EXPECT_FALSE(parse_initialize(infinite));
  const json::value nan =
      json::object{{"config", {{"min_confidence", std::numeric_limits<double>::quiet_NaN()}}}};
  EXPECT_FALSE(parse_initialize(nan));
}

TEST(payload_test, rejects_a_config_with_too_many_keys) {
  json::object config;
  for (int i = 0; i < 1000; ++i) config[std::to_string(i)] = i;
  EXPECT_EQ(error_of(parse_initialize(json::object{{"config", config}})), "config has too many keys");
}

TEST(payload_test, control_accepts_three_actions) {
  EXPECT_EQ(parse_control(json::parse(R"({"action":"start"})"))->action, action::start);
  EXPECT_EQ(parse_control(json::parse(R"({"action":"stop","config":null})"))->action, action::stop);
  EXPECT_EQ(parse_control(json::parse(R"({"action":"configure","config":{}})"))->action, action::configure);
  EXPECT_THAT(error_of(parse_control(json::parse(R"({"action":"configure"})"))), HasSubstr("config"));
}

TEST(payload_test, control_distinguishes_unknown_actions_from_invalid_payloads) {
  const auto unknown = parse_control(json::parse(R"({"action":"Start"})"));
  EXPECT_EQ(unknown.error().reason, reason::unknown_action);
  EXPECT_EQ(unknown.error().message, "Unknown action: \"Start\"");
  const auto long_name = parse_control(json::object{{"action", std::string(50, 'a') + "\n"}});
  EXPECT_EQ(long_name.error().message, "Unknown action: \"" + std::string(40, 'a') + "…\"");
  EXPECT_EQ(parse_control(json::object{{"action", "\n\"é"}}).error().message, "Unknown action: \"????\"");
  for (const std::string_view text :
       {"null", "\"start\"", "[]", "{}", R"({"action":1})", R"({"action":null})"})
    EXPECT_EQ(parse_control(json::parse(text)).error().reason, reason::invalid_payload) << text;
}

TEST(payload_test, room_requests_accept_an_object_or_a_name) {
  EXPECT_EQ(parse_join_room("lobby")->room, "lobby");
  EXPECT_EQ(parse_join_room("lobby")->role, role::publisher);
  const auto viewer = parse_join_room(json::parse(R"({"room":"phòng 1","role":"viewer"})"));
  EXPECT_EQ(viewer->room, "phòng 1");
  EXPECT_EQ(viewer->role, role::viewer);
  EXPECT_EQ(parse_join_room(json::parse(R"({"room":"r","role":"publisher"})"))->role, role::publisher);
  EXPECT_EQ(parse_leave_room("lobby"), "lobby");
  EXPECT_EQ(parse_leave_room(json::parse(R"({"room":"r"})")), "r");
}

TEST(payload_test, room_names_are_short_and_printable) {
  const json::value payloads[] = {nullptr,
                                  1,
                                  json::array{},
                                  json::object{},
                                  "",
                                  json::string(65, 'r'),
                                  "a\nb",
                                  "\x7f",
                                  json::object{{"room", 5}},
                                  json::object{{"room", ""}}};
  for (const auto& payload : payloads) {
    EXPECT_THAT(error_of(parse_join_room(payload)), HasSubstr("room must be")) << payload;
    EXPECT_THAT(error_of(parse_leave_room(payload)), HasSubstr("room must be")) << payload;
  }
  EXPECT_TRUE(parse_join_room(json::string(64, 'r')));
  EXPECT_THAT(error_of(parse_join_room(json::object{{"room", "r"}, {"role", "owner"}})),
              HasSubstr("role must be"));
  EXPECT_THAT(error_of(parse_join_room(json::object{{"room", "r"}, {"role", 1}})), HasSubstr("role must be"));
}

TEST(payload_test, does_not_copy_the_image) {
  const std::string base64 = "aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=";
  socketio::arguments args;
  args.values.push_back(
      json::object{{"frame_id", "f"}, {"timestamp", 12.5}, {"resolution", {640, 480}}, {"data", base64}});
  const char* data = args.values.at(0).at("data").as_string().data();
  const auto parsed = parse_video_frame(args, {.max_bytes = 100});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->timestamp, 12.5);
  EXPECT_TRUE(parsed->image.is_text);
  EXPECT_EQ(parsed->image.content, base64);
  EXPECT_EQ(static_cast<const void*>(parsed->image.content.data()), data);
}

TEST(payload_test, accepts_a_binary_image) {
  socketio::arguments args;
  const json::value placeholder = args.attach(std::make_shared<const std::string>("\xff\xd8\xff"));
  args.values.push_back(json::object{{"data", placeholder}});
  const auto parsed = parse_video_frame(args, {.max_bytes = 3});
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->image.is_text);
  EXPECT_EQ(parsed->image.content, "\xff\xd8\xff");

  const auto large = parse_video_frame(args, {.max_bytes = 2});
  EXPECT_EQ(large.error().code, 413);
}

TEST(payload_test, accepts_an_image_without_an_object) {
  socketio::arguments args;
  args.values.push_back(args.attach(std::make_shared<const std::string>("\xff\xd8\xff")));
  const auto parsed = parse_video_frame(args, {.max_bytes = 3});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->image.content, "\xff\xd8\xff");
  EXPECT_FALSE(parsed->timestamp);
  EXPECT_FALSE(frame_id_of(args.at(0)));
  EXPECT_EQ(parse_video_frame(args, {.max_bytes = 2}).error().code, 413);
}

TEST(payload_test, recognizes_base64_that_was_sent_as_bytes) {
  socketio::arguments args;
  const json::value placeholder = args.attach(std::make_shared<const std::string>("/9j/4AAQSkZJRgABAQ=="));
  args.values.push_back(json::object{{"data", placeholder}});
  const auto parsed = parse_video_frame(args, {.max_bytes = 13});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->image.is_text);
  EXPECT_FALSE(parse_video_frame(args, {.max_bytes = 8}));
}

TEST(payload_test, a_missing_image_is_reported_before_an_invalid_timestamp) {
  for (const std::string_view text : {"", "null", "{}", R"({"data":null})", R"({"data":""})",
                                      R"({"frame_id":1})", R"({"timestamp":"x"})", R"({"resolution":7})"}) {
    const auto parsed = parse_frame(text);
    EXPECT_EQ(error_of(parsed), "Error processing frame: No image data provided") << text;
    EXPECT_EQ(parsed.error().code, 500);
  }
}

TEST(payload_test, frame_errors_name_the_field) {
  for (const std::string_view payload : {"[]", "\"aGVsbG8=\"", "7"})
    EXPECT_EQ(error_of(parse_frame(payload)),
              "video_frame takes an object such as { frame_id, data }, or an image as bytes");
  for (const std::string_view v : {"1", "true", "[]", "{}", R"({"_placeholder":true,"num":0})"})
    EXPECT_THAT(error_of(parse_frame(R"({"data":)" + std::string(v) + "}")), HasSubstr("data must be")) << v;
  for (const std::string_view v : {"true", "[]", "{}"})
    EXPECT_THAT(error_of(parse_frame(R"({"data":"aa==","frame_id":)" + std::string(v) + "}")),
                HasSubstr("frame_id"))
        << v;
  EXPECT_THAT(error_of(parse_frame(R"({"data":"aa==","frame_id":")" + std::string(129, 'x') + "\"}")),
              HasSubstr("frame_id"));
  for (const std::string_view v : {"\"now\"", "-1", "1e16", "1180591620717411303424", "[]", "true"})
    EXPECT_THAT(error_of(parse_frame(R"({"data":"aa==","timestamp":)" + std::string(v) + "}")),
                HasSubstr("timestamp"))
        << v;
  EXPECT_TRUE(parse_frame(R"({"data":"aa==","frame_id":null,"timestamp":null,"resolution":null})"));
}

TEST(payload_test, a_resolution_of_another_form_is_ignored) {
  for (const std::string_view v : {"640", "[]", "[640]", "[640,480,3]", "[0,480]", "[640,-1]", "[1e9,1]",
                                   "[\"640\",480]", "{\"width\":640}", "[640.5,480]"})
    EXPECT_TRUE(parse_frame(R"({"data":"aa==","resolution":)" + std::string(v) + "}")->has_odd_resolution)
        << v;
  for (const std::string_view v : {"null", "[640,480]", "[1,65535]"})
    EXPECT_FALSE(parse_frame(R"({"data":"aa==","resolution":)" + std::string(v) + "}")->has_odd_resolution)
        << v;
}

TEST(payload_test, allows_for_line_breaks_in_the_size_of_base64) {
  const std::string line(76, 'A');
  EXPECT_TRUE(parse_frame(R"({"data":")" + line + R"(\r\n)" + line + R"(\r\n)" + "\"}", 114));
}

TEST(payload_test, checks_the_size_before_decoding_base64) {
  EXPECT_TRUE(parse_frame(R"({"data":")" + std::string(40, 'A') + "\"}", 30));
  const auto large = parse_frame(R"({"data":")" + std::string(43, 'A') + "\"}", 30);
  EXPECT_EQ(large.error().code, 413);
  EXPECT_EQ(large.error().reason, reason::frame_too_large);
  EXPECT_TRUE(parse_frame(R"({"data":"data:image/jpeg;base64,)" + std::string(40, 'A') + "\"}", 30));
  EXPECT_TRUE(parse_frame(R"({"data":"DATA:image/jpeg;base64,)" + std::string(40, 'A') + "\"}", 30));
  EXPECT_FALSE(parse_frame(R"({"data":"data:image/jpeg;base64,)" + std::string(400, 'A') + "\"}", 30));
}

TEST(payload_test, frame_ids_are_strings_or_numbers) {
  EXPECT_EQ(frame_id_of(json::parse(R"({"frame_id":"a"})")), json::value("a"));
  EXPECT_EQ(frame_id_of(json::parse(R"({"frame_id":-7})")), json::value(-7));
  EXPECT_EQ(frame_id_of(json::parse(R"({"frame_id":0.5})")), json::value(0.5));
  for (const std::string_view text : {"null", "[]", "{}", R"({"frame_id":null})", R"({"frame_id":[]})"})
    EXPECT_FALSE(frame_id_of(json::parse(text))) << text;
}

}  // namespace
}  // namespace emostream::service

#include "api/analyze_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace emostream::api {
namespace {

using testing::HasSubstr;

constexpr double default_min_confidence = 0.5;

request_head with_query(std::vector<std::pair<std::string, std::string>> query) {
  return {.query = std::move(query)};
}

request_head of_type(const std::string& type) {
  return {.headers = {{"content-type", type}}};
}

/// The status of the error for this head; 200 if it is accepted.
int status_of(const request_head& head) {
  const auto parsed = parse_head(head, default_min_confidence);
  return parsed ? 200 : parsed.error().code;
}

TEST(head, may_have_no_options) {
  const auto request = parse_head({}, default_min_confidence).value();
  EXPECT_EQ(request.options.min_confidence, 0.5F);
  EXPECT_EQ(request.options.max_faces, 0);
  EXPECT_FALSE(request.options.eyes);
  EXPECT_TRUE(request.options.upright);
  EXPECT_FALSE(request.mesh);
  EXPECT_FALSE(request.boundary);
}

TEST(head, has_options_in_the_query) {
  const auto request =
      parse_head(with_query({{"min_confidence", "0.75"}, {"max_faces", "3"}, {"upright", "false"}}),
                 default_min_confidence)
          .value();
  EXPECT_EQ(request.options.min_confidence, 0.75F);
  EXPECT_EQ(request.options.max_faces, 3);
  EXPECT_FALSE(request.options.upright);
  EXPECT_TRUE(parse_head(with_query({{"upright", "true"}}), default_min_confidence)->options.upright);
  EXPECT_EQ(parse_head(with_query({{"min_confidence", "0"}}), default_min_confidence)->options.min_confidence,
            0.05F);
  EXPECT_EQ(status_of(with_query({{"min_confidence", "1"}, {"max_faces", "100"}, {"other", "x"}})), 200);
}

TEST(head, may_ask_for_the_mesh_and_the_eyes) {
  const auto both = parse_head(with_query({{"mesh", "true"}, {"eyes", "true"}}), default_min_confidence);
  EXPECT_TRUE(both->mesh);
  EXPECT_TRUE(both->options.eyes);
  const auto neither = parse_head(with_query({{"mesh", "false"}, {"eyes", "false"}}), default_min_confidence);
  EXPECT_FALSE(neither->mesh);
  EXPECT_FALSE(neither->options.eyes);
}

TEST(head, rejects_invalid_options) {
  for (const auto* value : {"", "1", "yes", "TRUE", "true "}) {
    EXPECT_EQ(status_of(with_query({{"mesh", value}})), 400) << value;
    EXPECT_EQ(status_of(with_query({{"eyes", value}})), 400) << value;
  }
  for (const auto* value : {"", "x", "-0.1", "1.1", "nan", "inf", "0.5x", " 0.5", "0x1", "1e999"})
    EXPECT_EQ(status_of(with_query({{"min_confidence", value}})), 400) << value;
  for (const auto* value : {"", "x", "-1", "101", "1.5", "nan", "1 "})
    EXPECT_EQ(status_of(with_query({{"max_faces", value}})), 400) << value;
  for (const auto* value : {"", "0", "True", "no"})
    EXPECT_EQ(status_of(with_query({{"upright", value}})), 400) << value;
  const auto rejected = parse_head(with_query({{"max_faces", "101"}}), default_min_confidence);
  EXPECT_EQ(rejected.error().reason, "invalid_payload");
  EXPECT_THAT(rejected.error().message, HasSubstr("max_faces"));
}

TEST(head, rejects_unsupported_content_types_and_codings) {
  for (const auto* type : {"image/jpeg", "IMAGE/PNG", "image/webp; q=1", "image/gif", "image/jpg",
                           "image/pjpeg", "image/*", "application/octet-stream", ""})
    EXPECT_EQ(status_of(of_type(type)), 200) << type;
  for (const auto* type :
       {"image/", "images/png", "text/plain", "application/x-www-form-urlencoded", "image", "?"})
    EXPECT_EQ(status_of(of_type(type)), 415) << type;
  EXPECT_EQ(status_of({.headers = {{"content-encoding", "gzip"}}}), 415);
}

TEST(head, of_a_form_needs_a_boundary) {
  const auto request = parse_head(of_type("multipart/form-data; boundary=b"), default_min_confidence).value();
  EXPECT_EQ(request.boundary, "b");
  EXPECT_EQ(request.max_body_bytes(1000), 1000 + max_form_overhead);
  EXPECT_EQ(status_of(of_type("multipart/form-data")), 400);
}

/// The image in the body, or the reason of the error.
std::string image_in(std::string_view body, std::optional<std::string> boundary = {}) {
  const auto image =
      find_image({.options = {}, .mesh = false, .boundary = std::move(boundary)}, body, {.max_bytes = 10});
  return std::string(image ? *image : image.error().reason);
}

std::string form(std::string_view first, std::string_view second) {
  std::string body;
  for (const auto parameters : {first, second})
    body += "--b\r\nContent-Disposition: form-data; " + std::string(parameters) + "\r\n\r\n" +
            std::string(parameters.substr(0, 10)) + "\r\n";
  return body + "--b--\r\n";
}

TEST(image, is_the_whole_body) {
  EXPECT_EQ(image_in("0123456789"), "0123456789");
  EXPECT_EQ(image_in("0123456789x"), "frame_too_large");
  EXPECT_EQ(image_in(""), "no_image_data");
}

TEST(image, is_the_part_named_image_or_the_first_file) {
  EXPECT_EQ(image_in(form("name=text", "name=photo; filename=x"), "b"), "name=photo");
  EXPECT_EQ(image_in(form("filename=a; name=a", "filename=b; name=b"), "b"), "filename=a");
  EXPECT_EQ(image_in(form("filename=a; name=a", "name=\"image\""), "b"), "name=\"imag");
  EXPECT_EQ(image_in(form("name=a", "name=b"), "b"), "no_image_data");
  EXPECT_EQ(image_in("--b--", "b"), "no_image_data");
  EXPECT_EQ(image_in("nothing", "b"), "invalid_payload");
}

}  // namespace
}  // namespace emostream::api

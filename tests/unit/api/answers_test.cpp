#include "api/answers.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "pipeline/encoded_image.hpp"
#include "vision/image/image.hpp"

namespace emostream::api {
namespace {

std::string header(const net::http_response& answer, std::string_view name) {
  const auto it = std::ranges::find(answer.headers, name, &std::pair<std::string, std::string>::first);
  return it == answer.headers.end() ? "" : it->second;
}

net::http_response refused(int code, std::string_view why) {
  return refusal({code, why, "words"}, wall_clock::time_point(std::chrono::seconds(7)));
}

TEST(error_response, has_the_error_as_json) {
  const auto answer = refused(400, service::reason::invalid_payload);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(header(answer, "Content-Type"), "application/json");
  EXPECT_EQ(header(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(
      boost::json::parse(*answer.body),
      boost::json::parse(R"({"code":400,"message":"words","timestamp":7.0,"reason":"invalid_payload"})"));
  EXPECT_EQ(header(answer, "Retry-After"), "");
  EXPECT_EQ(header(answer, "WWW-Authenticate"), "");
}

TEST(error_response, to_an_unauthenticated_request_has_a_challenge) {
  EXPECT_EQ(header(refused(401, reason::auth_required), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(header(refused(401, service::reason::token_expired), "WWW-Authenticate"),
            R"(Bearer error="invalid_token")");
}

TEST(error_response, has_retry_after_where_a_retry_helps) {
  for (const int code : {429, 503}) {
    const auto answer = refused(code, service::reason::overloaded);
    EXPECT_EQ(header(answer, "Retry-After"), "1");
    EXPECT_EQ(header(answer, "Access-Control-Expose-Headers"), "Retry-After");
  }
}

TEST(error_response, maps_image_errors_to_http_statuses) {
  using enum vision::image_error;
  const auto is = [](std::error_code e, int code, std::string_view why) {
    const auto told = to_http_error(e);
    EXPECT_EQ(told.code, code) << e.message();
    EXPECT_EQ(told.reason, why) << e.message();
    EXPECT_NE(told.message.find(e.message()), std::string::npos) << told.message;
  };
  is(empty, 400, "no_image_data");
  is(too_large, 413, "frame_too_large");
  is(too_many_pixels, 413, "frame_too_large");
  is(unknown_format, 415, "unsupported_type");
  for (const auto e : {too_small, unsupported, corrupt}) is(e, 422, "undecodable_image");
  is(pipeline::frame_error::internal, 500, "internal_error");
}

}  // namespace
}  // namespace emostream::api

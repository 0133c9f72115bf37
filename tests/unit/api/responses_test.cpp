#include "api/responses.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "pipeline/encoded_image.hpp"
#include "service/service_options.hpp"
#include "vision/image/image.hpp"

namespace emostream::api {
namespace {

std::string header(const net::http_response& response, std::string_view name) {
  const auto it = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return it == response.headers.end() ? "" : it->second;
}

net::http_response response_to(int code, std::string_view error_reason) {
  return error_response({code, error_reason, "some text"}, wall_clock::time_point(std::chrono::seconds(7)));
}

TEST(error_response_test, has_the_error_as_json) {
  const auto response = response_to(400, service::reason::invalid_payload);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(header(response, "Cache-Control"), "no-store");
  EXPECT_EQ(
      boost::json::parse(*response.body),
      boost::json::parse(R"({"code":400,"message":"some text","timestamp":7,"reason":"invalid_payload"})"));
  EXPECT_EQ(header(response, "Retry-After"), "");
  EXPECT_EQ(header(response, "WWW-Authenticate"), "");
}

TEST(error_response_test, to_an_unauthenticated_request_has_a_challenge) {
  EXPECT_EQ(header(response_to(401, reason::auth_required), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(header(response_to(401, service::reason::token_expired), "WWW-Authenticate"),
            R"(Bearer error="invalid_token")");
}

TEST(error_response_test, has_retry_after_where_a_retry_helps) {
  for (const int code : {429, 503}) {
    const auto response = response_to(code, service::reason::overloaded);
    EXPECT_EQ(header(response, "Retry-After"), "1");
    EXPECT_EQ(header(response, "Access-Control-Expose-Headers"), "Retry-After");
  }
}

TEST(success_test, numbers_are_written_as_in_socketio_messages) {
  const auto response =
      success({{"processed_at", 1795986835.346}, {"score", 0.5}, {"zero", 0.0}, {"count", 3}});
  EXPECT_EQ(*response.body, R"({"processed_at":1795986835.346,"score":0.5,"zero":0,"count":3})");
}

TEST(to_http_error_test, maps_analysis_errors) {
  using enum vision::image_error;
  const auto expect_error = [](std::error_code e, int code, std::string_view error_reason) {
    const auto error = to_http_error(e, {});
    EXPECT_EQ(error.code, code) << e.message();
    EXPECT_EQ(error.reason, error_reason) << e.message();
    EXPECT_NE(error.message.find(e.message()), std::string::npos) << error.message;
  };
  expect_error(empty, 400, "no_image_data");
  expect_error(too_large, 413, "frame_too_large");
  expect_error(too_many_pixels, 413, "frame_too_large");
  expect_error(too_much_memory, 413, "frame_too_large");
  for (const auto e : {unknown_format, avif, heic}) expect_error(e, 415, "unsupported_type");
  for (const auto e : {too_small, unsupported, corrupt, too_complex})
    expect_error(e, 422, "undecodable_image");
  expect_error(pipeline::frame_error::no_data, 400, "no_image_data");
  expect_error(pipeline::frame_error::internal, 500, "internal_error");
}

TEST(to_http_error_test, names_the_limit_and_its_value) {
  const auto limits = service::service_options{}.http_image;
  EXPECT_EQ(
      to_http_error(vision::image_error::too_many_pixels, limits).message,
      "The image cannot be processed: the image has more pixels than allowed: http.max_pixels is 51000000 "
      "pixels");
  EXPECT_EQ(
      to_http_error(vision::image_error::too_large, limits).message,
      "The image cannot be processed: the encoded image is larger than allowed: http.max_image_bytes is "
      "25000000 bytes");
}

}  // namespace
}  // namespace emostream::api

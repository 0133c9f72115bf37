#include "api/responses.hpp"

#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "pipeline/encoded_image.hpp"
#include "service/messages.hpp"
#include "vision/image/image.hpp"

namespace emostream::api {

namespace {

/// Short, because frames take only milliseconds and a draining server is soon replaced.
constexpr std::string_view retry_after_s = "1";

/// RFC 6750 section 3: a request without a token gets a challenge without an error code.
std::string_view challenge(std::string_view error_reason) {
  return error_reason == reason::auth_required ? "Bearer" : R"(Bearer error="invalid_token")";
}

net::http_response json_response(int status, const boost::json::object& content) {
  auto response = net::http_response::of(status, "application/json", boost::json::serialize(content));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

service::request_error to_http_error(std::error_code e) {
  using vision::image_error;
  namespace service_reason = service::reason;
  const auto make_error = [&e](int code, std::string_view error_reason) {
    return service::request_error{code, error_reason, "The image cannot be processed: " + e.message()};
  };
  if (e == image_error::too_large || e == image_error::too_many_pixels)
    return make_error(413, service_reason::frame_too_large);
  if (e == image_error::unknown_format) return make_error(415, reason::unsupported_type);
  if (e == image_error::empty || e == pipeline::frame_error::no_data)
    return make_error(400, service_reason::no_image_data);
  if (e == pipeline::frame_error::internal) return make_error(500, service_reason::internal_error);
  return make_error(422, service_reason::undecodable_image);
}

net::http_response error_response(const service::request_error& error, wall_clock::time_point now) {
  auto response = json_response(error.code, service::error_message(error, now, {}));
  const auto add_header = [&response](std::string_view name, std::string_view value) {
    response.headers.emplace_back(name, value);
    response.headers.emplace_back("Access-Control-Expose-Headers", name);  // for scripts of other origins
  };
  if (error.code == 401) add_header("WWW-Authenticate", challenge(error.reason));
  if (error.code == 429 || error.code == 503) add_header("Retry-After", retry_after_s);
  return response;
}

net::http_response success(const boost::json::object& content) {
  return json_response(200, content);
}

}  // namespace emostream::api

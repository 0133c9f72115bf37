#include "api/responses.hpp"

#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "base/json_writer.hpp"
#include "service/messages.hpp"
#include "vision/image/image.hpp"
#include "vision/image/limit_message.hpp"

namespace emostream::api {

namespace {

/// Short, because frames take only milliseconds and a draining server is soon replaced.
constexpr std::string_view retry_after_s = "1";

/// RFC 6750 section 3: a request without a token gets a challenge without an error code.
std::string_view challenge(std::string_view error_reason) {
  return error_reason == reason::auth_required ? "Bearer" : R"(Bearer error="invalid_token")";
}

net::http_response json_response(int status, const boost::json::object& content) {
  std::string text;
  write_json(text, content);
  auto response = net::http_response::of(status, "application/json", std::move(text));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

service::request_error to_http_error(std::error_code e, const vision::image_limits& limits) {
  using vision::image_error;
  namespace service_reason = service::reason;
  std::string message = "The image cannot be processed: " + vision::message_with_limit(e, limits);
  if (e == image_error::unknown_format || e == image_error::avif || e == image_error::heic)
    return {415, reason::unsupported_type, std::move(message)};
  if (e == image_error::empty) return {400, service_reason::no_image_data, std::move(message)};
  const std::string_view why = service::reason_of(e);
  if (why == service_reason::frame_too_large) return {413, why, std::move(message)};
  if (why == service_reason::no_image_data) return {400, why, std::move(message)};
  if (why == service_reason::internal_error) return {500, why, std::move(message)};
  return {422, why, std::move(message)};
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

#include "api/answers.hpp"

#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "pipeline/encoded_image.hpp"
#include "service/messages.hpp"
#include "vision/image/image.hpp"

namespace emostream::api {

namespace {

/// Frames take milliseconds, and a draining server is soon replaced.
constexpr std::string_view retry_after_s = "1";

/// RFC 6750 section 3: a request without a token gets a challenge without an error code.
std::string_view challenge(std::string_view why) {
  return why == reason::auth_required ? "Bearer" : R"(Bearer error="invalid_token")";
}

net::http_response json_answer(int status, const boost::json::object& what) {
  auto answer = net::http_response::of(status, "application/json", boost::json::serialize(what));
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

}  // namespace

service::request_error to_http_error(std::error_code e) {
  using vision::image_error;
  namespace words = service::reason;
  const auto as = [&e](int code, std::string_view why) {
    return service::request_error{code, why, "The image cannot be processed: " + e.message()};
  };
  if (e == image_error::too_large || e == image_error::too_many_pixels)
    return as(413, words::frame_too_large);
  if (e == image_error::unknown_format) return as(415, reason::unsupported_type);
  if (e == image_error::empty || e == pipeline::frame_error::no_data) return as(400, words::no_image_data);
  if (e == pipeline::frame_error::internal) return as(500, words::internal_error);
  return as(422, words::undecodable_image);
}

net::http_response refusal(const service::request_error& why, wall_clock::time_point now) {
  auto answer = json_answer(why.code, service::error_message(why, now, {}));
  const auto add = [&answer](std::string_view name, std::string_view value) {
    answer.headers.emplace_back(name, value);
    answer.headers.emplace_back("Access-Control-Expose-Headers", name);  // for scripts of other origins
  };
  if (why.code == 401) add("WWW-Authenticate", challenge(why.reason));
  if (why.code == 429 || why.code == 503) add("Retry-After", retry_after_s);
  return answer;
}

net::http_response success(const boost::json::object& what) {
  return json_answer(200, what);
}

}  // namespace emostream::api

#pragma once

#include <string_view>
#include <system_error>

#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "net/http/http_message.hpp"
#include "service/request_error.hpp"

namespace emostream::api {

/// The values of `reason` that only HTTP responses use; the others are in service::reason. They are part of
/// the API: never change one.
namespace reason {
inline constexpr std::string_view auth_required = "auth_required";
inline constexpr std::string_view auth_failed = "auth_failed";
inline constexpr std::string_view unsupported_type = "unsupported_type";
inline constexpr std::string_view too_many_requests = "too_many_requests";
}  // namespace reason

/// The error reported for an image that could not be analyzed. `limits` are those of the image.
service::request_error to_http_error(std::error_code e, const vision::image_limits& limits);

/// A response with the error's code as its status and the error as its JSON body. A 401 has a
/// WWW-Authenticate header; a 429 and a 503 have a Retry-After header.
net::http_response error_response(const service::request_error& error, wall_clock::time_point now);

/// A 200 response with this JSON body, not to be cached.
net::http_response success(const boost::json::object& content);

}  // namespace emostream::api

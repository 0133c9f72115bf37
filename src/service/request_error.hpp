#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

#include "vision/image/image_limits.hpp"

namespace emostream::service {

/// The values of `reason` in `error_message` events, and in acknowledgements together with those of
/// pipeline::drop_reason. They are part of the public API: never change one.
namespace reason {
inline constexpr std::string_view invalid_payload = "invalid_payload";
inline constexpr std::string_view unknown_event = "unknown_event";
inline constexpr std::string_view unknown_action = "unknown_action";
inline constexpr std::string_view not_started = "not_started";
inline constexpr std::string_view not_in_room = "not_in_room";
inline constexpr std::string_view too_many_bad_frames = "too_many_bad_frames";
inline constexpr std::string_view token_expired = "token_expired";
inline constexpr std::string_view room_not_allowed = "room_not_allowed";
inline constexpr std::string_view too_many_rooms = "too_many_rooms";
inline constexpr std::string_view frame_too_large = "frame_too_large";
inline constexpr std::string_view rate_limited = "rate_limited";
inline constexpr std::string_view no_image_data = "no_image_data";
inline constexpr std::string_view undecodable_image = "undecodable_image";
inline constexpr std::string_view internal_error = "internal_error";
inline constexpr std::string_view overloaded = "overloaded";
inline constexpr std::string_view shutting_down = "shutting_down";
inline constexpr std::string_view idle = "idle";
}  // namespace reason

/// The values of `data.code` in CONNECT_ERROR. They are part of the public API: never change one.
namespace connect_code {
inline constexpr std::string_view auth_required = "AUTH_REQUIRED";
inline constexpr std::string_view auth_failed = "AUTH_FAILED";
inline constexpr std::string_view token_expired = "TOKEN_EXPIRED";
inline constexpr std::string_view connection_limit = "CONNECTION_LIMIT";
inline constexpr std::string_view rate_limited = "RATE_LIMITED";
inline constexpr std::string_view shutting_down = "SHUTTING_DOWN";
}  // namespace connect_code

/// Why a request was rejected; sent to the client as `error_message` or as the body of an HTTP response.
struct request_error {
  int code;                 ///< modelled on HTTP status codes
  std::string_view reason;  ///< one of namespace reason
  std::string message;      ///< for people
};

template <class T>
using or_error = std::expected<T, request_error>;

/// The reason that is reported for a vision::image_error or pipeline::frame_error.
std::string_view reason_of(std::error_code error);

/// Converts such an error to the one that the sender of the frame receives. `limits` are those of frames.
request_error to_request_error(std::error_code error, const vision::image_limits& limits);

}  // namespace emostream::service

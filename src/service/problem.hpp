#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace emostream::service {

/// The words of `error_message.reason` and of an acknowledgement's `reason`. Clients rely on them: never
/// change one.
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

/// Why something a client asked for was not done, as error_message tells it.
struct problem {
  int code;                 ///< after HTTP's status codes
  std::string_view reason;  ///< one of namespace reason
  std::string message;      ///< for people
};

template <class T>
using expected = std::expected<T, problem>;

/// What a client is told of an image that has no analysis; `why` is of vision::image_error or
/// pipeline::frame_error.
problem problem_of_image(std::error_code why);

}  // namespace emostream::service

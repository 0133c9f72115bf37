#include "service/request_error.hpp"

#include "pipeline/encoded_image.hpp"
#include "vision/image/image.hpp"
#include "vision/image/limit_message.hpp"

namespace emostream::service {

std::string_view reason_of(std::error_code error) {
  using vision::image_error;
  if (error == image_error::too_large || error == image_error::too_many_pixels ||
      error == image_error::too_much_memory)
    return reason::frame_too_large;
  if (error == pipeline::frame_error::no_data) return reason::no_image_data;
  if (error == pipeline::frame_error::internal) return reason::internal_error;
  return reason::undecodable_image;
}

request_error to_request_error(std::error_code error, const vision::image_limits& limits) {
  const std::string cause = vision::message_with_limit(error, limits);
  const std::string_view why = reason_of(error);
  if (why == reason::frame_too_large) return {413, why, "Frame is too large: " + cause};
  return {500, why, "Error processing frame: " + cause};
}

}  // namespace emostream::service

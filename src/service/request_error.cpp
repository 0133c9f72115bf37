#include "service/request_error.hpp"

#include <utility>

#include "pipeline/encoded_image.hpp"
#include "vision/image/image.hpp"

namespace emostream::service {

request_error to_request_error(std::error_code error) {
  if (error == vision::image_error::too_large || error == vision::image_error::too_many_pixels)
    return {413, reason::frame_too_large, "Frame is too large: " + error.message()};
  std::string message = "Error processing frame: " + error.message();
  if (error == pipeline::frame_error::no_data) return {500, reason::no_image_data, std::move(message)};
  if (error == pipeline::frame_error::internal) return {500, reason::internal_error, std::move(message)};
  return {500, reason::undecodable_image, std::move(message)};
}

}  // namespace emostream::service

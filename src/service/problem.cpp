#include "service/problem.hpp"

#include <utility>

#include "pipeline/encoded_image.hpp"
#include "vision/image/image.hpp"

namespace emostream::service {

problem problem_of_image(std::error_code why) {
  if (why == vision::image_error::too_large || why == vision::image_error::too_many_pixels)
    return {413, reason::frame_too_large, "Frame is too large: " + why.message()};
  std::string message = "Error processing frame: " + why.message();
  if (why == pipeline::frame_error::no_data) return {500, reason::no_image_data, std::move(message)};
  if (why == pipeline::frame_error::internal) return {500, reason::internal_error, std::move(message)};
  return {500, reason::undecodable_image, std::move(message)};
}

}  // namespace emostream::service

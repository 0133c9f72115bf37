#pragma once

#include <string>
#include <system_error>

#include "vision/image/image_limits.hpp"

namespace emostream::vision {

/// The message of an error of decode(). If the image exceeded one of the limits, it ends with the limit's
/// name and value.
std::string message_with_limit(std::error_code error, const image_limits& limits);

}  // namespace emostream::vision

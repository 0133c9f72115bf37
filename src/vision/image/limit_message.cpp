#include "vision/image/limit_message.hpp"

#include <string_view>

#include "vision/image/image.hpp"

namespace emostream::vision {

namespace {

template <class Number>
std::string at_most(std::string_view name, Number value) {
  return (name.empty() ? "at most" : std::string(name) + " is") + ' ' + std::to_string(value);
}

/// The exceeded limit; empty for an error of another kind.
std::string limit_of(std::error_code error, const image_limits& limits) {
  if (error == image_error::too_large) return at_most(limits.names.max_bytes, limits.max_bytes) + " bytes";
  if (error == image_error::too_many_pixels)
    return at_most(limits.names.max_pixels, limits.max_pixels) + " pixels";
  if (error == image_error::too_much_memory)
    return at_most(limits.names.max_memory, limits.max_memory) + " bytes";
  if (error == image_error::too_small)
    return "each side must have at least " + std::to_string(limits.min_side) + " pixels";
  return {};
}

}  // namespace

std::string message_with_limit(std::error_code error, const image_limits& limits) {
  const std::string limit = limit_of(error, limits);
  return limit.empty() ? error.message() : error.message() + ": " + limit;
}

}  // namespace emostream::vision

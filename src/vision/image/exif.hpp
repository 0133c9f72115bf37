#pragma once

#include <cstdint>
#include <span>

#include "vision/image/orientation.hpp"

namespace emostream::vision {

/// The orientation of an encoded image: the tag of the first EXIF block of a JPEG, a PNG (chunk eXIf) or a
/// WebP. Upright if it has none, or if the block is damaged. Reads only the block and the headers of the
/// parts before it.
orientation find_orientation(std::span<const std::uint8_t> encoded);

}  // namespace emostream::vision

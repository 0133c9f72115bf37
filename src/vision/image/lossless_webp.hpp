#pragma once

#include <cstdint>
#include <span>
#include <system_error>

#include "vision/image/image.hpp"

namespace emostream::vision {

/// Checks that a lossless WebP image, or a compressed alpha channel, has no more groups of prefix codes than
/// an image of its size can use. libwebp has no such limit: 160 KB of codes can take more than 300 MB and a
/// second. `stream` begins with the transforms (RFC 9649 section 3.4), after the header of a chunk VP8L or
/// ALPH. Errors: too_complex, corrupt.
std::error_code check_prefix_codes(std::span<const std::uint8_t> stream, const image_size& size);

}  // namespace emostream::vision

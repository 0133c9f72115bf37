#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "vision/image.hpp"

// What stands behind decode() of image.hpp: one decoder a format, given bytes that begin with the format's
// magic, and what they share.
namespace emostream::vision {

result<image> decode_jpeg(std::span<const std::uint8_t> encoded, const image_limits& limits);

/// Alpha is composited onto black, as a browser does when a canvas becomes a JPEG.
result<image> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits);

/// Alpha as for PNG.
result<image> decode_webp(std::span<const std::uint8_t> encoded, const image_limits& limits);

/// Whether an image of this size may be decoded: too_many_pixels, too_small, or no error.
std::error_code check_size(std::int64_t width, std::int64_t height, const image_limits& limits);

/// An image with the memory for its pixels. Only after check_size().
image blank(std::int64_t width, std::int64_t height);

}  // namespace emostream::vision

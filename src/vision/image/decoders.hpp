#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "vision/image/image.hpp"

// What stands behind decode() of image.hpp: one decoder a format, given bytes that begin with the format's
// magic, and what they share.
namespace emostream::vision {

result<extent> decode_jpeg(std::span<const std::uint8_t> encoded, const image_limits& limits,
                           const decoding& need, image& into);

/// Alpha is composited onto black, as a browser does when a canvas becomes a JPEG.
result<extent> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits, image& into);

/// Alpha as for PNG.
result<extent> decode_webp(std::span<const std::uint8_t> encoded, const image_limits& limits, image& into);

/// Whether an image of this size may be decoded: too_many_pixels, too_small, or no error.
std::error_code check_size(std::int64_t width, std::int64_t height, const image_limits& limits);

/// Gives an image its shape and the memory for its pixels. Only after check_size().
void reshape(image& to, int width, int height, int channels, int reduction);

/// The shape of an image that is neither reduced nor without colour; returns the size.
extent whole_in_colour(image& to, std::int64_t width, std::int64_t height);

}  // namespace emostream::vision

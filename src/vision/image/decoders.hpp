#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "vision/image/decode_budget.hpp"
#include "vision/image/image.hpp"

// The decoders behind decode() of image.hpp, one per format, and their helpers. Each expects data that begins
// with the magic bytes of its format.
namespace emostream::vision {

result<image_size> decode_jpeg(std::span<const std::uint8_t> encoded, const image_limits& limits,
                               const decode_options& options, decode_budget& budget, image& into);

/// Composites transparent pixels onto black, as browsers do when they encode a canvas as JPEG.
result<image_size> decode_png(std::span<const std::uint8_t> encoded, const image_limits& limits,
                              decode_budget& budget, image& into);

/// Composites transparent pixels onto black, like decode_png(). Decodes the first frame of an animation.
result<image_size> decode_webp(std::span<const std::uint8_t> encoded, const image_limits& limits,
                               image& into);

/// Decodes the first image, on a black screen. Errors: corrupt if it has fewer pixels than its header says.
result<image_size> decode_gif(std::span<const std::uint8_t> encoded, const image_limits& limits,
                              decode_budget& budget, image& into);

/// Checks the size of an image before it is decoded. Errors: too_many_pixels, too_small.
std::error_code check_size(std::int64_t width, std::int64_t height, const image_limits& limits);

/// Sets the shape of an image and allocates its pixels. Call check_size() first.
void reshape(image& to, int width, int height, int channels, int reduction);

/// Shapes `to` as an RGB image of a picture whose sides are divided by `reduction`.
void reshape_rgb(image& to, const image_size& picture, int reduction);

/// The largest reduction: libjpeg decodes a block of 8×8 pixels to at least one.
inline constexpr int max_reduction = 8;

/// The smallest reduction, a power of two up to max_reduction, with which the picture has at most
/// image_limits::max_decoded_pixels.
int least_reduction(const image_size& picture, const image_limits& limits);

}  // namespace emostream::vision

#pragma once

#include <cstdint>
#include <span>

namespace emostream::vision {

enum class image_format { unknown, jpeg, png, webp, gif, avif, heic };

/// The format of an encoded image, by its first bytes.
image_format format_of(std::span<const std::uint8_t> encoded);

}  // namespace emostream::vision

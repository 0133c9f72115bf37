#pragma once

#include "vision/image/geometry.hpp"
#include "vision/image/image.hpp"

/// Pictures made of the portrait in tests/media.
namespace emostream::vision::testing {

/// The portrait, 512×512, and the box that a detector gives its face.
const image& portrait();
constexpr rect portrait_face{173, 75, 104, 104};

/// An image of one gray level.
image plain(int width, int height, std::uint8_t level = 128);

/// Turned clockwise by quarter turns.
image turned(const image& from, int quarters);
/// Where a box of `in` lies in turned(in, quarters).
rect turned(const rect& box, const image& in, int quarters);

/// Each pixel is the mean of the pixels that it covers.
image resized(const image& from, int width, int height);

/// A part of the image, which must lie inside.
image cropped(const image& from, const region& part);

/// Copies `what` into an image; pixels that lie outside are left out.
void paste(const image& what, int left, int top, image& onto);

rect shifted(const rect& box, float x, float y);
rect scaled(const rect& box, float by);

}  // namespace emostream::vision::testing

#pragma once

#include <cstddef>

#include "vision/encode.hpp"
#include "vision/image/image.hpp"

/// Images that are stored turned, with an EXIF orientation that says so.
namespace emostream::vision::testing {

/// A block of EXIF data with that orientation: a TIFF structure, without the prefix that JPEGs need.
bytes exif_block(int orientation, bool little_endian = false);

/// Adds an EXIF block to a JPEG, a PNG or a simple WebP (without a chunk VP8X).
bytes with_exif(const bytes& encoded, const bytes& block);

/// The image as it is stored with that orientation: turned so that a viewer turns it back.
image stored(const image& upright, int orientation);

}  // namespace emostream::vision::testing

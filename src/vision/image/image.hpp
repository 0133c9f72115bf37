#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace emostream::vision {

/// An image as sent, or reduced while it was decoded. Rows are without padding.
struct image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< u8 [height, width, channels]
  int channels = 3;                  ///< 3: RGB, 1: luma of BT.601
  int reduction = 1;                 ///< one pixel is so many of the image as sent, each way
};

/// The size of an image as sent, in pixels.
struct extent {
  int width = 0;
  int height = 0;

  [[nodiscard]] int longer() const { return width > height ? width : height; }
};

/// How much of an image is needed. A decoder may give more.
struct decoding {
  bool colour = true;     ///< otherwise luma will do
  int max_reduction = 1;  ///< 1, 2, 4 or 8
  int least_side = 0;     ///< pixels that the longer side is to keep, if it has them
};

/// Why bytes are not an image that we take.
enum class image_error {
  empty = 1,
  too_large,        ///< more encoded bytes than the limit
  unknown_format,   ///< by its magic bytes neither JPEG, PNG nor WebP
  too_many_pixels,  ///< header says more than the limit
  too_small,        ///< a side under the minimum
  unsupported,      ///< bit depth, components, animation, too many scans
  corrupt,          ///< decoder errors, and warnings too
};

std::error_code make_error_code(image_error e);

/// What an image may be. The worst that the defaults admit take about 0.3 s (a JPEG of 34 arithmetic-coded
/// scans) and 0.4 GB while they are decoded (a lossless WebP of 65536 sets of Huffman codes, which libwebp
/// cannot be told to bound); what a camera makes, some ms and its pixels.
struct image_limits {
  std::size_t max_bytes = 1'000'000;  ///< encoded
  int max_width = 1920;
  int max_height = 1080;  ///< of the product with max_width: a portrait 1080×1920 is as good
  int min_side = 32;
  int max_scans = 50;  ///< of a progressive JPEG
};

/// Decodes a JPEG, PNG or WebP, told apart by magic bytes. The header is checked against the limits before
/// any memory for pixels is taken. Stateless: any thread.
result<image> decode(std::span<const std::uint8_t> encoded, const image_limits& limits);

/// The same, no more of it than needed, into an image whose memory is used again; returns the size as sent. A
/// JPEG is reduced by leaving out the high frequencies of its blocks and, without colour, the chroma; others
/// are decoded whole. What `into` holds after an error is not an image.
result<extent> decode(std::span<const std::uint8_t> encoded, const image_limits& limits, const decoding& need,
                      image& into);

}  // namespace emostream::vision

template <>
struct std::is_error_code_enum<emostream::vision::image_error> : std::true_type {};

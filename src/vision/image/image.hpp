#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "vision/image/image_limits.hpp"

namespace emostream::vision {

/// A decoded image, in its original size or reduced. Rows have no padding.
struct image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< u8 [height, width, channels]
  int channels = 3;                  ///< 3: RGB, 1: BT.601 luma
  int reduction = 1;                 ///< each side is this many times smaller than in the encoded image
  int least_reduction = 1;           ///< the smallest that image_limits::max_decoded_pixels allows
  bool upright = true;               ///< turned as its EXIF orientation says; false: as stored

  /// Whether it has the colours of the encoded image, and as many of its pixels as the limits allow.
  [[nodiscard]] bool is_full() const { return reduction == least_reduction && channels == 3; }
  /// Of the encoded image, to within `reduction` - 1.
  [[nodiscard]] int original_longer_side() const { return reduction * (width > height ? width : height); }
};

/// The size of an encoded image, in pixels.
struct image_size {
  int width = 0;
  int height = 0;

  [[nodiscard]] int longer_side() const { return width > height ? width : height; }
  [[nodiscard]] std::int64_t pixels() const { return std::int64_t{width} * height; }
  /// The size if each side is divided by `factor`, rounded up.
  [[nodiscard]] image_size reduced(int factor) const {
    return {(width + factor - 1) / factor, (height + factor - 1) / factor};
  }
};

/// How much of an image the caller needs. A decoder may return more.
struct decode_options {
  bool colour = true;       ///< false: luma is enough
  int max_reduction = 1;    ///< of each side; decoders reduce by 1, 2, 4 or 8
  int min_longer_side = 0;  ///< pixels that the longer side must keep, if the image has that many
  bool upright = true;      ///< turn the image as its EXIF orientation says
};

/// Why an image was rejected.
enum class image_error {
  empty = 1,
  too_large,        ///< more encoded bytes than image_limits::max_bytes
  unknown_format,   ///< the magic bytes are not those of JPEG, PNG, WebP or GIF
  avif,             ///< a format that is recognized, but not read (ADR 27)
  heic,             ///< likewise
  too_many_pixels,  ///< the header announces more pixels than allowed
  too_small,        ///< a side is shorter than image_limits::min_side
  unsupported,      ///< bit depth or components of a JPEG, its process or coding, or too many scans
  corrupt,          ///< pixels are missing or damaged, or there are more data than pixels
  too_complex,      ///< decoding takes more CPU time or memory than image_limits allow for the size
  too_much_memory,  ///< decoding takes more than image_limits::max_memory
};

std::error_code make_error_code(image_error e);

/// Decodes a JPEG, PNG, WebP or GIF image, of an animation the first frame; the format is detected by its
/// magic bytes. The header is checked against the limits before memory for the pixels is allocated. The image
/// is reduced if it has more than image_limits::max_decoded_pixels, and turned upright. Thread-safe.
result<image> decode(std::span<const std::uint8_t> encoded, const image_limits& limits);

/// Decodes at least what `options` asks for, into an image whose memory is reused. Returns the size of the
/// encoded image, upright if it is turned. JPEGs of one scan are reduced by omitting the high frequencies of
/// their blocks and, if colour is not needed, the chroma; other images are reduced only as far as the limits
/// ask for. After an error the content of `into` is unspecified.
result<image_size> decode(std::span<const std::uint8_t> encoded, const image_limits& limits,
                          const decode_options& options, image& into);

}  // namespace emostream::vision

template <>
struct std::is_error_code_enum<emostream::vision::image_error> : std::true_type {};

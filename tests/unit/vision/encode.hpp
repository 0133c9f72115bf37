#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vision/image/image.hpp"

/// Encoders for generated test images.
namespace emostream::vision::testing {

using bytes = std::vector<std::uint8_t>;

/// A smooth colour gradient, which lossy codecs reproduce closely.
image gradient(int width, int height);

struct jpeg_parameters {
  int components = 3;        ///< 1: gray, 3: YCbCr, 4: CMYK; black is the same as red
  int scans = 0;             ///< 0: baseline; otherwise progressive, the first scans of a long series
  bool progressive = false;  ///< with all its scans
  bool arithmetic = false;
  bool ycck = false;              ///< store CMYK as YCCK
  unsigned restart_interval = 0;  ///< in blocks of 16×16 pixels; 0: no restart markers
};
bytes to_jpeg(const image& from, jpeg_parameters parameters = {});

struct png_parameters {
  int channels = 3;  ///< 1: gray, 2: gray and alpha, 3: RGB, 4: RGBA
  int depth = 8;     ///< bits per channel: 8 or 16
  std::uint8_t alpha = 255;
  std::string text = {};  ///< comment, in a compressed chunk before the pixels
};
bytes to_png(const image& from, const png_parameters& parameters = {});

struct png_layout {
  int colour_type;  ///< of the PNG specification: 0, 2, 3, 4 or 6
  int depth;        ///< bits per channel
  bool interlaced = false;
  bool transparent = false;  ///< with transparent colours or palette entries
  double gamma = 0;          ///< of the file; 0: not specified
};
/// A PNG of 61×45 pixels with random samples.
bytes random_png(const png_layout& layout);

bytes to_webp(const image& from, bool lossless, std::uint8_t alpha = 255);

}  // namespace emostream::vision::testing

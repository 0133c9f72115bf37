#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "vision/encode.hpp"

/// An encoder for test images.
namespace emostream::vision::testing {

/// A GIF with one image.
struct gif_parameters {
  int screen_width = 40;
  int screen_height = 32;
  int left = 0;
  int top = 0;
  int width = 40;
  int height = 32;
  int colour_bits = 8;
  bool interlaced = false;
  bool own_palette = false;  ///< the image has a palette of its own, the file none
  std::optional<std::uint8_t> transparent = {};
};

/// `colours` are colour numbers, row by row.
bytes to_gif(const std::vector<std::uint8_t>& colours, const gif_parameters& parameters);

/// The red, green and blue of a colour number in the palettes of to_gif().
std::array<std::uint8_t, 3> gif_colour(std::uint8_t number);

}  // namespace emostream::vision::testing

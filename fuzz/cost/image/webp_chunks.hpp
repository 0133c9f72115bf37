#pragma once

#include <string_view>

#include "generators.hpp"

// Parts of WebP files.
namespace emostream::fuzzing {

bytes chunk(std::string_view type, std::span<const std::uint8_t> data);

/// A WebP file of the given chunks.
bytes riff(const bytes& chunks);

/// The chunk VP8X of an image with an alpha channel.
bytes extended_header(picture_size size);

/// Appends a lossless image without its header, with many groups of prefix codes.
void put_lossless_stream(bytes& to, choices& from, picture_size size);

}  // namespace emostream::fuzzing

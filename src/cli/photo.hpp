#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "vision/image/image.hpp"

namespace emostream::cli {

/// Whoever names a file trusts it more than a stranger's frame: any camera's photo is taken.
inline constexpr vision::image_limits photo_limits{
    .max_bytes = 100'000'000, .max_width = 12'000, .max_height = 12'000};

/// A file's bytes, at most one over the limit: enough for the decoder to refuse them. None if it is no file,
/// or cannot be read.
std::optional<std::vector<std::uint8_t>> read_photo(const std::filesystem::path& path);

}  // namespace emostream::cli

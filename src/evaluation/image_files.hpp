#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "vision/image/image_limits.hpp"

namespace emostream::evaluation {

/// Limits for images from files. A file that the user names is trusted more than a frame from the network,
/// and photographs of any camera are to pass.
inline constexpr vision::image_limits image_file_limits{
    .max_bytes = 100'000'000, .max_width = 12'000, .max_height = 12'000};

/// The content of a file. Of a file that is too large, only as much is read as makes the decoder report that.
/// std::nullopt if it is not a regular file or cannot be read.
std::optional<std::vector<std::uint8_t>> read_image_file(const std::filesystem::path& path);

/// Whether the name begins with a dot.
bool is_hidden(const std::filesystem::path& path);

/// The files in `folder` and its subfolders, sorted by path, without hidden files and folders.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

}  // namespace emostream::evaluation

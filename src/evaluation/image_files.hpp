#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "vision/image/image_limits.hpp"

namespace emostream::evaluation {

/// Limits for images from files. They are higher than those for frames from the network, because the user
/// trusts these files and they may be photographs from any camera.
inline constexpr vision::image_limits image_file_limits{.max_bytes = 100'000'000,
                                                        .max_pixels = 144'000'000,
                                                        .max_decoded_pixels = vision::max_photo_pixels,
                                                        .time_per_pixel = std::chrono::microseconds(1)};

/// The content of a file; of a file larger than `image_file_limits.max_bytes`, only one byte more than that,
/// which is enough for the decoder to reject it. std::nullopt if it is not a regular file or cannot be read.
std::optional<std::vector<std::uint8_t>> read_image_file(const std::filesystem::path& path);

/// Whether the name begins with a dot.
bool is_hidden(const std::filesystem::path& path);

/// The files in `folder` and its subfolders, sorted by path, without hidden files and folders.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

}  // namespace emostream::evaluation

#pragma once

#include <filesystem>
#include <vector>

namespace emostream::evaluation {

/// Whether its name begins with a dot.
bool is_hidden(const std::filesystem::path& path);

/// The files in `folder` and in what lies deeper, in the order of their paths; hidden files and folders do
/// not count.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder);

/// The paths, each folder among them replaced by its files. Throws std::runtime_error with a message for the
/// user if more was named than a command line can hold here.
std::vector<std::filesystem::path> image_files(const std::vector<std::filesystem::path>& named);

}  // namespace emostream::evaluation

#pragma once

#include <filesystem>
#include <vector>

namespace emostream::cli {

/// Expands the paths of a command line to files: each folder is replaced by the files below it, except hidden
/// ones. Throws std::runtime_error with a message for the user if the command line is too long.
std::vector<std::filesystem::path> image_arguments(const std::vector<std::filesystem::path>& paths);

}  // namespace emostream::cli

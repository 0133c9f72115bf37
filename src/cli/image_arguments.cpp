#include "cli/image_arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>

#include "evaluation/image_files.hpp"

namespace emostream::cli {

namespace {

/// ONNX Runtime 1.29 searches the process's command line with std::regex, which is recursive: a command line
/// of 46 kB overflows a stack of 8 MB, one of 31 kB does not.
constexpr std::size_t max_command_line = 16'384;

}  // namespace

std::vector<std::filesystem::path> image_arguments(const std::vector<std::filesystem::path>& paths) {
  std::size_t length = 0;
  for (const auto& path : paths) length += path.native().size() + 1;
  if (length > max_command_line)
    throw std::runtime_error("too many images on one command line: name their folder instead");

  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (std::filesystem::is_directory(path))
      std::ranges::move(evaluation::files_below(path), std::back_inserter(files));
    else
      files.push_back(path);
  }
  return files;
}

}  // namespace emostream::cli

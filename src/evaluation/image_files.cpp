#include "evaluation/image_files.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>

namespace emostream::evaluation {

namespace {

namespace fs = std::filesystem;

/// ONNX Runtime 1.29 goes over the process's command line with std::regex, which recurses: 46 kB of it
/// overflow a stack of 8 MB, 31 kB do not.
constexpr std::size_t longest_command_line = 16'384;

}  // namespace

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::end(entry); ++entry) {
    if (is_hidden(entry->path()))
      entry.disable_recursion_pending();
    else if (!entry->is_directory())
      files.push_back(entry->path());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<fs::path> image_files(const std::vector<fs::path>& named) {
  std::size_t length = 0;
  for (const auto& path : named) length += path.native().size() + 1;
  if (length > longest_command_line)
    throw std::runtime_error("too many images on one command line: name their folder instead");

  std::vector<fs::path> files;
  for (const auto& path : named) {
    if (fs::is_directory(path))
      std::ranges::move(files_below(path), std::back_inserter(files));
    else
      files.push_back(path);
  }
  return files;
}

}  // namespace emostream::evaluation

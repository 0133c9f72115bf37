#include "evaluation/image_files.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace emostream::evaluation {

namespace fs = std::filesystem;

std::optional<std::vector<std::uint8_t>> read_image_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  const auto size = fs::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return std::nullopt;
  std::vector<std::uint8_t> bytes(std::min<std::uintmax_t>(size, image_file_limits.max_bytes + 1));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

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

}  // namespace emostream::evaluation

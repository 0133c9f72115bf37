#include "cli/photo.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace emostream::cli {

std::optional<std::vector<std::uint8_t>> read_photo(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return std::nullopt;
  std::vector<std::uint8_t> bytes(std::min<std::uintmax_t>(size, photo_limits.max_bytes + 1));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace emostream::cli

#pragma once

#include <filesystem>
#include <string>

namespace emostream::cli {

/// The HMAC secret of development mode: read from `<folder>/jwt_secret`, made at random on first use (only
/// its owner may read it). Throws std::runtime_error with the path if that cannot be done.
std::string development_secret(const std::filesystem::path& folder);

}  // namespace emostream::cli

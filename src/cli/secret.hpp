#pragma once

#include <filesystem>
#include <string>

namespace emostream::cli {

/// The HMAC secret of development mode: read from `<folder>/jwt_secret`, which is created with a random
/// secret on first use and is readable by its owner only. Throws std::runtime_error with the path on failure.
std::string development_secret(const std::filesystem::path& folder);

}  // namespace emostream::cli

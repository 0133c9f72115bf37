#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// The files of the tree that tests read.
namespace emostream::vision::testing {

std::filesystem::path source_dir();

/// BlazeFace's "front" or "back" model, from npm.
std::filesystem::path blazeface(const std::string& range);

/// The folder of the expression model.
std::filesystem::path expression_model();

std::vector<std::uint8_t> read(const std::filesystem::path& file);

/// $EMOSTREAM_MEDIA, by default shared/media beside the tree; it may not be there.
std::filesystem::path media_folder();

/// A picture of that folder; none where it is not there.
std::optional<std::vector<std::uint8_t>> media(const std::string& name);

}  // namespace emostream::vision::testing

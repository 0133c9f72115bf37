#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Files that the tests read.
namespace emostream::vision::testing {

/// The root of the repository.
std::filesystem::path source_dir();

/// The "front" or "back" model of BlazeFace, from npm.
std::filesystem::path blazeface(const std::string& variant);

/// The folder of the converted face mesh.
std::filesystem::path face_mesh_folder();

/// The folder of the shipped classifier.
std::filesystem::path classifier_model();

/// The network that judges whether faces are covered.
std::filesystem::path cover_model();

std::vector<std::uint8_t> read(const std::filesystem::path& file);

/// $EMOSTREAM_MEDIA, by default ../shared/media relative to source_dir(). The folder may not exist.
std::filesystem::path media_folder();

/// The content of a file in that folder; nullopt if it does not exist.
std::optional<std::vector<std::uint8_t>> media(const std::string& name);

}  // namespace emostream::vision::testing

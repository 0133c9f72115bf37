#pragma once

#include <filesystem>
#include <variant>

#include "vision/detection/detector_manifest.hpp"
#include "vision/expression/classifier_manifest.hpp"

namespace emostream::vision {

using manifest = std::variant<classifier_manifest, detector_manifest>;

/// Reads `folder`/model.toml, of a model of either kind. Errors as for manifest_reader.
manifest read_manifest(const std::filesystem::path& folder);

}  // namespace emostream::vision

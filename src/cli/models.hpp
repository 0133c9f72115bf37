#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cli/assets.hpp"
#include "cli/settings.hpp"
#include "vision/analyzer.hpp"
#include "vision/models/model_info.hpp"

namespace emostream::cli {

/// The file or folder of a detector. "back" and "front" name the shipped models; any other name is a path.
std::filesystem::path detector_path(const std::string& name, const assets& files);

/// The file or folder of the verifier; empty if there is none.
std::filesystem::path verifier_path(const model_choice& models, const assets& files);

/// The folder of the classifier.
std::filesystem::path classifier_path(const model_choice& models, const assets& files);

/// Loads the models that the settings name, for images and frames within those limits. Throws
/// std::runtime_error with the file and the reason.
std::unique_ptr<const vision::analyzer> load_models(const settings& s, const assets& files,
                                                    const vision::image_limits& images,
                                                    const vision::image_limits& frames = {});

/// The names and labels of those models, as they are reported to clients.
vision::model_info describe(const vision::analyzer& models);

}  // namespace emostream::cli

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cli/assets.hpp"
#include "cli/settings.hpp"
#include "service/options.hpp"
#include "vision/analyzer.hpp"

namespace emostream::cli {

/// Where the detector of that name is: "back", "front", or a path already.
std::filesystem::path detector_path(const std::string& name, const assets& files);

/// Where the detector is that looks a second time at new faces; empty where there is none.
std::filesystem::path second_look_path(const settings& s, const assets& files);

/// The folder of the classifier that the settings name, or of the shipped one.
std::filesystem::path classifier_path(const settings& s, const assets& files);

/// Loads the detector and the classifier that the settings name; they take images within `limits`. Throws
/// std::runtime_error with file and reason.
std::unique_ptr<const vision::analyzer> load_models(const settings& s, const assets& files,
                                                    const vision::image_limits& limits);

/// What of an image from the network is taken.
vision::image_limits frame_limits(const settings& s);

/// Those models, as clients are told of them.
service::model_info describe(const vision::analyzer& models);

}  // namespace emostream::cli

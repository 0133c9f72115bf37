#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "vision/manifest.hpp"

namespace emostream::cli {

/// A model that was checked: what it says of itself, or why it cannot be used.
struct model_report {
  std::filesystem::path model;  ///< the folder, or the file of a BlazeFace
  std::string error;            ///< empty: it is good

  // Of a good one:
  vision::manifest manifest;
  vision::input_format input;
  std::uintmax_t bytes = 0;   ///< of the network's file
  std::size_t anchors = 0;    ///< boxes that a detector judges
  bool takes_batches = true;  ///< of a classifier
};

/// Loads a model and tries it out.
model_report check_model(const std::filesystem::path& model);

/// A table with a line for each model, its labels or what is wrong with it below.
std::string as_text(std::span<const model_report> reports);

/// `{"ok", "models": [{"model", "ok", "kind", "name", …} or {"model", "ok", "error"}]}`
boost::json::object as_json(std::span<const model_report> reports);

}  // namespace emostream::cli

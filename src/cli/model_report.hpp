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

/// The result of checking a model: its properties, or the reason why it cannot be used.
struct model_report {
  std::filesystem::path model;  ///< a folder, or the ONNX file of a BlazeFace model
  std::string error;            ///< empty if the model can be used

  // Only if there is no error:
  vision::manifest manifest;
  vision::input_format input;
  std::uintmax_t bytes = 0;   ///< size of the network's file
  std::size_t anchors = 0;    ///< boxes that a detector scores
  bool takes_batches = true;  ///< the classifier accepts batches of several faces
};

/// Loads a model and runs it once.
model_report check_model(const std::filesystem::path& model);

/// A table with one line per model, followed by a classifier's labels or the error.
std::string as_text(std::span<const model_report> reports);

/// `{"ok", "models": [{"model", "ok", "kind", "name", …} or {"model", "ok", "error"}]}`
boost::json::object as_json(std::span<const model_report> reports);

}  // namespace emostream::cli

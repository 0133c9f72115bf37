#include <algorithm>
#include <cstdio>
#include <iterator>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/model_report.hpp"
#include "cli/models.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

namespace {

std::vector<std::filesystem::path> models_in_force(const settings& s, const assets& files) {
  std::vector<std::filesystem::path> models{detector_path(s.vision.detector, files)};
  if (const auto second = second_look_path(s, files); !second.empty()) models.push_back(second);
  models.push_back(classifier_path(s, files));
  return models;
}

}  // namespace

int list_models(const settings& s, const list_models_options& options) {
  const auto files = assets::find();
  std::vector<std::filesystem::path> models;
  for (const auto& named : options.models) models.push_back(detector_path(named, files));
  if (models.empty()) models = models_in_force(s, files);

  std::vector<model_report> reports;
  std::ranges::transform(models, std::back_inserter(reports), &check_model);
  std::string text;
  if (options.json) {
    socketio::write_json(text, as_json(reports));
    text += '\n';
  } else {
    text = as_text(reports);
  }
  std::fputs(text.c_str(), stdout);
  return std::ranges::all_of(reports, &std::string::empty, &model_report::error) ? 0 : 1;
}

}  // namespace emostream::cli

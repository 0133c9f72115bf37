#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/model_report.hpp"
#include "cli/models.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

namespace {

std::vector<std::filesystem::path> configured_models(const model_choice& chosen, const assets& files) {
  std::vector<std::filesystem::path> models{detector_path(chosen.detector, files)};
  if (auto verifier = verifier_path(chosen, files); !verifier.empty()) models.push_back(std::move(verifier));
  models.push_back(classifier_path(chosen, files));
  return models;
}

}  // namespace

int list_models(const settings& s, const list_models_options& options) {
  const auto files = assets::find();
  std::vector<std::filesystem::path> models;
  for (const auto& model : options.models) models.push_back(detector_path(model, files));
  if (models.empty()) models = configured_models(s.models, files);

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

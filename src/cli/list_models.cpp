#include <algorithm>
#include <cstdio>
#include <iterator>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/model_report.hpp"
#include "cli/models.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

int list_models(const settings& s, const list_models_options& options) {
  const auto files = assets::find();
  std::vector<std::filesystem::path> models;
  for (const auto& named : options.models) models.push_back(detector_path(named, files));
  if (models.empty()) models = {detector_path(s.vision.detector, files), classifier_path(s, files)};

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

#include <cstdio>

#include <boost/json/object.hpp>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/image_arguments.hpp"
#include "cli/models.hpp"
#include "evaluation/image_files.hpp"
#include "service/messages.hpp"
#include "socketio/json.hpp"
#include "vision/image/limit_message.hpp"

namespace emostream::cli {

namespace {

namespace json = boost::json;

json::object analyze_file(const vision::analyzer& models, const vision::model_info& info,
                          const std::filesystem::path& path, const settings& s) {
  json::object line{{"file", path.string()}};
  const auto encoded = evaluation::read_image_file(path);
  if (!encoded) {
    line["error"] = "cannot read the file";
    return line;
  }
  const auto analysis =
      models.analyze(*encoded, {.min_confidence = static_cast<float>(s.service.min_confidence)});
  if (!analysis) {
    line["error"] = vision::message_with_limit(analysis.error(), evaluation::image_file_limits);
    return line;
  }
  for (auto& [key, value] : service::to_json(*analysis, info)) line[key] = std::move(value);
  return line;
}

}  // namespace

int analyze(const settings& s, const std::vector<std::filesystem::path>& paths) {
  const auto images = image_arguments(paths);
  const auto models = load_models(s, assets::find(), evaluation::image_file_limits);
  const auto info = describe(*models);
  bool all_succeeded = true;
  for (const auto& path : images) {
    const auto line = analyze_file(*models, info, path, s);
    all_succeeded = all_succeeded && !line.contains("error");
    std::string text;
    socketio::write_json(text, line);
    std::puts(text.c_str());
  }
  return all_succeeded ? 0 : 1;
}

}  // namespace emostream::cli

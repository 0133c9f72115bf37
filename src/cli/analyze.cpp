#include <cstdio>
#include <fstream>
#include <iterator>

#include <boost/json/object.hpp>

#include "cli/assets.hpp"
#include "cli/commands.hpp"
#include "cli/models.hpp"
#include "emotion/messages.hpp"
#include "socketio/json.hpp"

namespace emostream::cli {

namespace {

namespace json = boost::json;

/// Whoever names a file trusts it more than a stranger's frame: any camera's photo is taken.
constexpr vision::image_limits photo_limits{
    .max_bytes = 100'000'000, .max_width = 12'000, .max_height = 12'000};

/// Its bytes, at most one over the limit: enough for the decoder to refuse them.
std::vector<std::uint8_t> read(std::ifstream& file) {
  std::vector<std::uint8_t> bytes;
  for (std::istreambuf_iterator<char> next(file), end; next != end && bytes.size() <= photo_limits.max_bytes;
       ++next)
    bytes.push_back(static_cast<std::uint8_t>(*next));
  return bytes;
}

json::object analyze_file(const vision::analyzer& models, const emotion::model_info& info,
                          const std::filesystem::path& path, const settings& s) {
  json::object line{{"file", path.string()}};
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path)) {
    line["error"] = "cannot read the file";
    return line;
  }
  const auto analysis =
      models.analyze(read(file), {.min_confidence = static_cast<float>(s.vision.min_confidence)});
  if (!analysis) {
    line["error"] = analysis.error().message();
    return line;
  }
  for (auto& [key, value] : emotion::to_json(*analysis, info)) line[key] = std::move(value);
  return line;
}

}  // namespace

int analyze(const settings& s, const std::vector<std::filesystem::path>& images) {
  const auto models = load_models(s, assets::find(), photo_limits);
  const auto info = describe(*models);
  bool all_read = true;
  for (const auto& path : images) {
    const auto line = analyze_file(*models, info, path, s);
    all_read = all_read && !line.contains("error");
    std::string text;
    socketio::write_json(text, line);
    std::puts(text.c_str());
  }
  return all_read ? 0 : 1;
}

}  // namespace emostream::cli

#include "cli/model_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <spdlog/fmt/fmt.h>

#include "vision/detection/detector.hpp"
#include "vision/expression/classifier.hpp"

namespace emostream::cli {

namespace {

namespace json = boost::json;
using vision::classifier_manifest;
using vision::detector_manifest;

bool is_usable(const model_report& r) {
  return r.error.empty();
}

const vision::model_manifest& manifest_of(const model_report& r) {
  return std::visit([](const auto& m) -> const vision::model_manifest& { return m; }, r.manifest);
}

const char* name_of(vision::score_kind kind) {
  return kind == vision::score_kind::logits ? "logits" : "probabilities";
}

std::string size_text(std::uintmax_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  std::array<char, 32> text{};
  const bool small = bytes < 1'000'000;
  std::snprintf(text.data(), text.size(), "%.1f %s", static_cast<double>(bytes) / (small ? 1e3 : 1e6),
                small ? "kB" : "MB");
  return text.data();
}

std::string framing_text(const model_report& r) {
  if (const auto* m = std::get_if<classifier_manifest>(&r.manifest))
    return std::holds_alternative<vision::eye_layout>(m->alignment) ? "eyes" : "box";
  return "";
}

std::string output_text(const model_report& r) {
  if (const auto* m = std::get_if<classifier_manifest>(&r.manifest))
    return std::to_string(m->labels.size()) + ' ' + name_of(m->kind) +
           (m->affect_outputs ? ", valence, arousal" : "") + (r.takes_batches ? "" : ", one by one");
  const auto& m = std::get<detector_manifest>(r.manifest);
  return std::to_string(r.anchors) + " boxes" +
         (m.family == vision::detector_family::blazeface ? ", keypoints" : "");
}

using row = std::array<std::string, 7>;

/// The width of the text on a terminal in columns, one per code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

row row_of(const model_report& r) {
  const auto& m = manifest_of(r);
  const bool detector = std::holds_alternative<detector_manifest>(r.manifest);
  return {"ok",
          detector ? "detector" : "expression",
          m.name + (m.version.empty() ? "" : ' ' + m.version),
          r.input.description(),
          framing_text(r),
          output_text(r),
          r.model.string() + " (" + size_text(r.bytes) + ')'};
}

json::object input_json(const vision::input_format& f) {
  return {{"width", f.width},
          {"height", f.height},
          {"channels", to_string(f.channels)},
          {"layout", f.layout == vision::tensor_layout::nchw ? "NCHW" : "NHWC"}};
}

json::array coordinates(const vision::point& p) {
  // Rounded, because a float does not represent the manifest's decimal fractions exactly.
  const auto rounded = [](float v) { return std::round(static_cast<double>(v) * 1e4) / 1e4; };
  return {rounded(p.x), rounded(p.y)};
}

json::object framing_json(const classifier_manifest& m) {
  if (const auto* eyes = std::get_if<vision::eye_layout>(&m.alignment))
    return {{"left_eye", coordinates(eyes->left_eye)}, {"right_eye", coordinates(eyes->right_eye)}};
  return {{"margin", coordinates({std::get<vision::box_alignment>(m.alignment).margin, 0}).at(0)}};
}

json::object model_json(const model_report& r) {
  json::object out{{"model", r.model.string()}, {"ok", is_usable(r)}};
  if (!is_usable(r)) {
    out["error"] = r.error;
    return out;
  }
  const auto& m = manifest_of(r);
  out["kind"] = std::holds_alternative<detector_manifest>(r.manifest) ? "detector" : "expression";
  out["name"] = m.name;
  out["version"] = m.version;
  out["file"] = m.file.string();
  out["bytes"] = r.bytes;
  out["input"] = input_json(r.input);
  if (const auto* c = std::get_if<classifier_manifest>(&r.manifest)) {
    out["framing"] = framing_json(*c);
    out["output"] = name_of(c->kind);
    out["labels"] = json::array(c->labels.begin(), c->labels.end());
    out["valence_arousal"] = c->affect_outputs ? "network" : "labels";
    out["batches"] = r.takes_batches;
  } else {
    const auto family = std::get<detector_manifest>(r.manifest).family;
    out["family"] = family == vision::detector_family::blazeface ? "blazeface" : "boxes";
    out["boxes"] = r.anchors;
    out["keypoints"] = family == vision::detector_family::blazeface;
  }
  return out;
}

}  // namespace

model_report check_model(const std::filesystem::path& model) {
  model_report r;
  r.model = model;
  try {
    if (!std::filesystem::exists(model))
      throw std::runtime_error("model " + model.string() + ": no such file or folder");
    const bool expression = std::filesystem::is_directory(model) &&
                            std::holds_alternative<classifier_manifest>(vision::read_manifest(model));
    if (expression) {
      const vision::classifier c(model);
      r.manifest = c.manifest();
      r.input = c.format();
      r.takes_batches = c.takes_batches();
    } else {
      const auto d = vision::load_detector(model);
      r.manifest = d->manifest();
      r.input = d->format();
      r.anchors = d->anchors();
    }
    r.bytes = std::filesystem::file_size(manifest_of(r).file);
  } catch (const std::exception& e) {
    r.error = e.what();
  }
  return r;
}

std::string as_text(std::span<const model_report> reports) {
  std::vector<row> rows{{"", "KIND", "NAME", "INPUT", "FRAMED BY", "OUTPUT", "MODEL"}};
  for (const auto& r : reports) {
    if (is_usable(r)) rows.push_back(row_of(r));
  }
  std::array<std::size_t, std::tuple_size_v<row>> widths{};
  for (const row& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], width_of(cells[c]));
  }
  const auto line = [&](const row& cells) {
    std::string text;
    for (std::size_t c = 0; c < widths.size(); ++c)
      text += cells[c] + std::string(widths[c] - width_of(cells[c]) + 2, ' ');
    return text.erase(text.find_last_not_of(' ') + 1) + '\n';
  };

  std::string text;
  auto next = rows.begin();
  if (rows.size() > 1) text += line(*next);
  for (const auto& r : reports) {
    if (!is_usable(r)) {
      text += "bad  " + r.model.string() + "\n     " + r.error + '\n';
      continue;
    }
    text += line(*++next);
    if (const auto* c = std::get_if<classifier_manifest>(&r.manifest))
      text += fmt::format("    labels: {}\n", fmt::join(c->labels, ", "));
  }
  return text;
}

json::object as_json(std::span<const model_report> reports) {
  json::array models;
  for (const auto& r : reports) models.emplace_back(model_json(r));
  return {{"ok", std::ranges::all_of(reports, is_usable)}, {"models", std::move(models)}};
}

}  // namespace emostream::cli

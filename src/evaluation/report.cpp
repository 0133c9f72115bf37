#include "evaluation/report.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>

#include <boost/json/array.hpp>
#include <spdlog/fmt/fmt.h>

namespace emostream::evaluation {

namespace {

namespace json = boost::json;

// ---- text

std::string percent(std::optional<double> value) {
  return value ? fmt::format("{:.2f} %", *value * 100) : "-";
}

std::string decimals(std::optional<double> value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string counted(std::size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string in_words(const share& right) {
  std::string text = fmt::format("{}  {} of {}", percent(right.value()), right.part, right.whole);
  if (const auto bounds = right.interval_95())
    text += fmt::format(", 95 %: {:.2f} to {:.2f} %", bounds->low * 100, bounds->high * 100);
  return text;
}

using row = std::vector<std::string>;

/// Rows of like length, the first cell of each to the left and the others to the right.
std::string aligned(const std::vector<row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const row& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const row& cells : rows) {
    text += fmt::format("  {:<{}}", cells[0], widths[0]);
    for (std::size_t i = 1; i < cells.size(); ++i) text += fmt::format("  {:>{}}", cells[i], widths[i]);
    text += '\n';
  }
  return text;
}

std::string classes_table(const report& e) {
  std::vector<row> rows{{"label", "images", "recall", "precision", "F1"}};
  for (std::size_t label = 0; label < e.counts.labels(); ++label) {
    rows.push_back({e.model.labels[label], std::to_string(e.counts.images(label)),
                    percent(e.counts.recall(label).value()), percent(e.counts.precision(label).value()),
                    decimals(e.counts.f1(label))});
  }
  return aligned(rows);
}

std::string confusion_table(const report& e) {
  std::vector<row> rows{{""}};
  rows[0].insert(rows[0].end(), e.model.labels.begin(), e.model.labels.end());
  if (!e.cropped) rows[0].emplace_back("no face");
  for (std::size_t label = 0; label < e.counts.labels(); ++label) {
    row& cells = rows.emplace_back(row{e.model.labels[label]});
    for (std::size_t answer = 0; answer < e.counts.labels(); ++answer)
      cells.push_back(std::to_string(e.counts.count(label, answer)));
    if (!e.cropped) cells.push_back(std::to_string(e.counts.no_face(label)));
  }
  return aligned(rows);
}

std::string time_in_words(const report& e) {
  const auto& [decode, detect, classify] = e.mean_ms;
  const std::string detecting = e.cropped ? "" : fmt::format("detect {:.2f} ms, ", detect);
  return fmt::format("mean time on one of {}: decode {:.2f} ms, {}classify {:.2f} ms a face\n",
                     counted(e.workers, "thread"), decode, detecting, classify);
}

// ---- JSON

/// To six decimals.
json::value rounded(std::optional<double> value) {
  if (!value) return nullptr;
  return std::round(*value * 1e6) / 1e6;
}

json::value bounds(const share& right) {
  const auto interval = right.interval_95();
  if (!interval) return nullptr;
  return json::array{rounded(interval->low), rounded(interval->high)};
}

json::array classes(const report& e) {
  json::array all;
  for (std::size_t label = 0; label < e.counts.labels(); ++label) {
    all.push_back(json::object{{"label", e.model.labels[label]},
                               {"images", e.counts.images(label)},
                               {"no_face", e.counts.no_face(label)},
                               {"recall", rounded(e.counts.recall(label).value())},
                               {"precision", rounded(e.counts.precision(label).value())},
                               {"f1", rounded(e.counts.f1(label))}});
  }
  return all;
}

json::array counts(const report& e) {
  json::array matrix;
  for (std::size_t label = 0; label < e.counts.labels(); ++label) {
    json::array& line = matrix.emplace_back(json::array{}).as_array();
    for (std::size_t answer = 0; answer < e.counts.labels(); ++answer)
      line.emplace_back(e.counts.count(label, answer));
    line.emplace_back(e.counts.no_face(label));
  }
  return matrix;
}

}  // namespace

std::string to_text(const report& e) {
  const share all = e.counts.accuracy();
  const share found = e.counts.accuracy_of_found();
  std::string text = e.model.classifier;
  if (!e.cropped) text += " behind " + e.model.detector;
  text += fmt::format(", {} in {}\n\n", counted(all.whole, e.cropped ? "crop" : "image"), e.folder.string());

  text += "accuracy        " + in_words(all) + '\n';
  if (!e.cropped) {
    text += "of found faces  " + in_words(found) + '\n';
    text += fmt::format("no face         {}\n", e.counts.no_face());
  }
  if (!e.unreadable.empty())
    text += fmt::format("unreadable      {}, not counted above\n", e.unreadable.size());
  text += "macro recall    " + percent(e.counts.macro_recall()) + '\n';
  text += "macro F1        " + decimals(e.counts.macro_f1()) + '\n';
  text += "calibration     " + decimals(e.confidence.error()) + " expected error\n\n";

  text += classes_table(e) + '\n';
  text += "answers (a row: the images of a label; a column: what they were held for)\n";
  text += confusion_table(e) + '\n';
  return text + time_in_words(e);
}

json::object to_json(const report& e) {
  const share all = e.counts.accuracy();
  const share found = e.counts.accuracy_of_found();
  json::array unreadable;
  for (const auto& [file, error] : e.unreadable)
    unreadable.push_back(json::object{{"file", file.string()}, {"error", error}});
  return {
      {"folder", e.folder.string()},
      {"cropped", e.cropped},
      {"detector", e.cropped ? json::value(nullptr) : json::value(e.model.detector)},
      {"classifier", e.model.classifier},
      {"labels", json::array(e.model.labels.begin(), e.model.labels.end())},
      {"images", all.whole},
      {"no_face", e.counts.no_face()},
      {"unreadable", std::move(unreadable)},
      {"unlabelled", e.unlabelled},
      {"accuracy", rounded(all.value())},
      {"accuracy_95", bounds(all)},
      {"accuracy_of_found", rounded(found.value())},
      {"accuracy_of_found_95", bounds(found)},
      {"macro_recall", rounded(e.counts.macro_recall())},
      {"macro_f1", rounded(e.counts.macro_f1())},
      {"calibration_error", rounded(e.confidence.error())},
      {"classes", classes(e)},
      {"confusion", counts(e)},
      {"mean_ms", json::object{{"decode", rounded(e.mean_ms.decode)},
                               {"detect", rounded(e.mean_ms.detect)},
                               {"classify", rounded(e.mean_ms.classify)}}},
      {"workers", e.workers},
  };
}

}  // namespace emostream::evaluation

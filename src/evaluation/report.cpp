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

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string proportion_text(const proportion& p) {
  std::string text = fmt::format("{}  {} of {}", percent(p.value()), p.count, p.total);
  if (const auto bounds = p.interval_95())
    text += fmt::format(", 95 %: {:.2f} to {:.2f} %", bounds->low * 100, bounds->high * 100);
  return text;
}

using row = std::vector<std::string>;

/// Rows of equal length as a table; the first column is left-aligned, the others are right-aligned.
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

std::string label_table(const report& r) {
  std::vector<row> rows{{"label", "images", "recall", "precision", "F1"}};
  for (std::size_t label = 0; label < r.matrix.labels(); ++label) {
    rows.push_back({r.labels[label], std::to_string(r.matrix.images(label)),
                    percent(r.matrix.recall(label).value()), percent(r.matrix.precision(label).value()),
                    decimals(r.matrix.f1(label))});
  }
  return aligned(rows);
}

std::string confusion_table(const report& r) {
  std::vector<row> rows{{""}};
  rows[0].insert(rows[0].end(), r.labels.begin(), r.labels.end());
  if (!r.cropped) rows[0].emplace_back("no face");
  for (std::size_t label = 0; label < r.matrix.labels(); ++label) {
    row& cells = rows.emplace_back(row{r.labels[label]});
    for (std::size_t predicted = 0; predicted < r.matrix.labels(); ++predicted)
      cells.push_back(std::to_string(r.matrix.count(label, predicted)));
    if (!r.cropped) cells.push_back(std::to_string(r.matrix.no_face(label)));
  }
  return aligned(rows);
}

std::string times_text(const report& r) {
  const auto& [decode, detect, classify] = r.mean_ms;
  const std::string detection = r.cropped ? "" : fmt::format(", detect {:.2f} ms", detect);
  return fmt::format("mean time with {}: decode {:.2f} ms{} per image, classify {:.2f} ms per face\n",
                     counted(r.threads, "thread"), decode, detection, classify);
}

// ---- JSON

/// Rounded to six decimals.
json::value rounded(std::optional<double> value) {
  if (!value) return nullptr;
  return std::round(*value * 1e6) / 1e6;
}

json::value bounds(const proportion& p) {
  const auto interval = p.interval_95();
  if (!interval) return nullptr;
  return json::array{rounded(interval->low), rounded(interval->high)};
}

json::array classes_json(const report& r) {
  json::array all;
  for (std::size_t label = 0; label < r.matrix.labels(); ++label) {
    all.push_back(json::object{{"label", r.labels[label]},
                               {"images", r.matrix.images(label)},
                               {"no_face", r.matrix.no_face(label)},
                               {"recall", rounded(r.matrix.recall(label).value())},
                               {"precision", rounded(r.matrix.precision(label).value())},
                               {"f1", rounded(r.matrix.f1(label))}});
  }
  return all;
}

json::array confusion_json(const report& r) {
  json::array matrix;
  for (std::size_t label = 0; label < r.matrix.labels(); ++label) {
    json::array& line = matrix.emplace_back(json::array{}).as_array();
    for (std::size_t predicted = 0; predicted < r.matrix.labels(); ++predicted)
      line.emplace_back(r.matrix.count(label, predicted));
    line.emplace_back(r.matrix.no_face(label));
  }
  return matrix;
}

}  // namespace

std::string to_text(const report& r) {
  const proportion all = r.matrix.accuracy();
  const proportion found = r.matrix.accuracy_of_found();
  std::string text = r.classifier;
  if (!r.cropped) text += " with detector " + r.detector;
  text += fmt::format(", {} in {}\n\n", counted(all.total, r.cropped ? "crop" : "image"), r.folder.string());

  text += "accuracy        " + proportion_text(all) + '\n';
  if (!r.cropped) {
    text += "with a face     " + proportion_text(found) + '\n';
    text += fmt::format("no face         {}\n", r.matrix.no_face());
  }
  if (!r.unreadable.empty())
    text += fmt::format("unreadable      {}, not counted above\n", r.unreadable.size());
  text += "macro recall    " + percent(r.matrix.macro_recall()) + '\n';
  text += "macro F1        " + decimals(r.matrix.macro_f1()) + '\n';
  text += "calibration     " + decimals(r.confidence_calibration.expected_error()) + " expected error\n\n";

  text += label_table(r) + '\n';
  text += "confusion matrix (rows: labels, columns: predictions)\n";
  text += confusion_table(r) + '\n';
  return text + times_text(r);
}

json::object to_json(const report& r) {
  const proportion all = r.matrix.accuracy();
  const proportion found = r.matrix.accuracy_of_found();
  json::array unreadable;
  for (const auto& [file, error] : r.unreadable)
    unreadable.push_back(json::object{{"file", file.string()}, {"error", error}});
  return {
      {"folder", r.folder.string()},
      {"cropped", r.cropped},
      {"detector", r.cropped ? json::value(nullptr) : json::value(r.detector)},
      {"classifier", r.classifier},
      {"labels", json::array(r.labels.begin(), r.labels.end())},
      {"images", all.total},
      {"no_face", r.matrix.no_face()},
      {"unreadable", std::move(unreadable)},
      {"unlabelled", r.unlabelled},
      {"accuracy", rounded(all.value())},
      {"accuracy_95", bounds(all)},
      {"accuracy_of_found", rounded(found.value())},
      {"accuracy_of_found_95", bounds(found)},
      {"macro_recall", rounded(r.matrix.macro_recall())},
      {"macro_f1", rounded(r.matrix.macro_f1())},
      {"calibration_error", rounded(r.confidence_calibration.expected_error())},
      {"classes", classes_json(r)},
      {"confusion", confusion_json(r)},
      {"mean_ms", json::object{{"decode", rounded(r.mean_ms.decode)},
                               {"detect", rounded(r.mean_ms.detect)},
                               {"classify", rounded(r.mean_ms.classify)}}},
      {"workers", r.threads},
  };
}

}  // namespace emostream::evaluation

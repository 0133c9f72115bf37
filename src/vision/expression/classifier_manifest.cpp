#include "vision/expression/classifier_manifest.hpp"

#include <algorithm>

namespace emostream::vision {

namespace {

std::variant<eye_layout, box_alignment> read_alignment(const manifest_reader& reader) {
  const bool eyes = reader.has("framing.left_eye") || reader.has("framing.right_eye");
  const bool box = reader.has("framing.margin");
  if (eyes == box)
    reader.fail("framing", eyes ? "must have either left_eye and right_eye or margin, not both"
                                : "is missing: it must have left_eye and right_eye, or margin");
  if (eyes) return read_eye_layout(reader);
  return box_alignment{static_cast<float>(reader.number("framing.margin", -0.4, 4))};
}

/// The value is the name of an output (for its first column), a column of the labels' output, or a table with
/// both.
output_column read_column(const manifest_reader& reader, const std::string& key) {
  constexpr int max_column = 9999;
  if (reader.is_integer(key)) return {.output = "", .column = reader.integer(key, 0, max_column)};
  if (reader.is_table(key))
    return {.output = reader.string(key + ".output"),
            .column = reader.integer(key + ".column", 0, max_column)};
  return {.output = reader.string(key), .column = 0};
}

std::optional<affect_columns> read_affect_outputs(const manifest_reader& reader) {
  if (!reader.has("output.valence") && !reader.has("output.arousal")) return std::nullopt;
  return affect_columns{read_column(reader, "output.valence"), read_column(reader, "output.arousal")};
}

/// The affect of each label: from the table [affect], or from the label's name.
std::vector<affect> read_label_affects(const manifest_reader& reader,
                                       const std::vector<std::string>& labels) {
  const auto table = reader.pairs("affect", -1, 1);
  for (const auto& [label, values] : table) {
    if (std::ranges::find(labels, label) == labels.end())
      reader.fail("affect." + label, "is not one of output.labels");
  }
  std::vector<affect> affects;
  for (const auto& label : labels) {
    if (const auto found = table.find(label); found != table.end()) {
      affects.push_back({static_cast<float>(found->second.first), static_cast<float>(found->second.second)});
    } else if (const auto known = affect_of_label(label)) {
      affects.push_back(*known);
    } else {
      reader.fail("affect", "must give [valence, arousal], each from -1 to 1, for the label \"" + label +
                                "\", which has no built-in value");
    }
  }
  return affects;
}

}  // namespace

classifier_manifest read_classifier_manifest(const manifest_reader& reader,
                                             const std::filesystem::path& folder) {
  classifier_manifest m;
  read_common_keys(reader, folder, m);
  m.input_name = reader.string("input.name", "");
  m.input = read_input_format(reader, {16, 512});
  if (m.input.height != m.input.width)
    reader.fail("input.height", "must be " + std::to_string(m.input.width) + ", as input.width, not " +
                                    std::to_string(m.input.height));
  m.output_name = reader.string("output.name", "");
  m.kind = read_score_kind(reader);
  m.labels = reader.strings("output.labels");
  if (m.labels.size() < 2) reader.fail("output.labels", "must have at least 2 labels, not 1");
  m.affect_outputs = read_affect_outputs(reader);
  if (!m.affect_outputs)
    m.label_affects = read_label_affects(reader, m.labels);
  else if (reader.has("affect"))
    reader.fail("affect", "cannot be combined with output.valence and output.arousal");
  m.alignment = read_alignment(reader);
  reader.reject_unknown_keys();
  return m;
}

classifier_manifest read_classifier_manifest(const std::filesystem::path& folder) {
  const manifest_reader reader(folder / manifest_file);
  if (read_model_kind(reader) != model_kind::expression)
    reader.fail("kind", "must be \"expression\" for a classifier, not \"detector\"");
  return read_classifier_manifest(reader, folder);
}

}  // namespace emostream::vision

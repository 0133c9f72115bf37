#include "vision/models/manifest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "vision/models/manifest_reader.hpp"

namespace emostream::vision {

namespace {

constexpr std::string_view file_name = "model.toml";

enum class model_kind { expression, detector };

model_kind kind_of(const manifest_reader& reader) {
  return static_cast<model_kind>(reader.choice("kind", {"expression", "detector"}, 0));
}

void read_common(const manifest_reader& reader, const std::filesystem::path& folder, model_manifest& m) {
  m.source = folder / file_name;
  m.name = reader.text("name");
  m.version = reader.text("version", "");
  m.file = folder / reader.text("file", "model.onnx");
}

/// `range`, `mean` and `std`: what black and white become, and how that is then centred and divided.
void read_normalisation(const manifest_reader& reader, input_format& f) {
  const bool standardised = reader.has("input.mean") || reader.has("input.std");
  if (standardised && !reader.has("input.range"))
    reader.fail("input.range",
                "is missing: beside mean and std it must say what they count in, as [0, 1] or [0, 255]");
  std::vector<double> range{0, 255};
  if (reader.has("input.range")) range = reader.numbers("input.range", 2, -1e6, 1e6);
  if (range[0] == range[1]) reader.fail("input.range", "must be two different numbers, black and white");
  const auto depth = static_cast<std::size_t>(f.depth());
  std::vector<double> mean(depth, 0);
  std::vector<double> deviation(depth, 1);
  if (standardised) {
    mean = reader.numbers("input.mean", depth, -1e6, 1e6);
    deviation = reader.numbers("input.std", depth, 1e-6, 1e6);
  }
  for (std::size_t c = 0; c < depth; ++c) {
    f.scale[c] = static_cast<float>((range[1] - range[0]) / 255 / deviation[c]);
    f.offset[c] = static_cast<float>((range[0] - mean[c]) / deviation[c]);
  }
}

struct side_limits {
  int min;
  int max;
};

input_format read_input(const manifest_reader& reader, side_limits side) {
  input_format f;
  f.width = reader.whole("input.width", side.min, side.max);
  f.height = reader.has("input.height") ? reader.whole("input.height", side.min, side.max) : f.width;
  f.channels = static_cast<colours>(reader.choice("input.channels", {"gray", "rgb", "bgr"}));
  f.layout = static_cast<axes>(reader.choice("input.layout", {"NCHW", "NHWC"}, 0));
  read_normalisation(reader, f);
  return f;
}

score_kind read_kind(const manifest_reader& reader, std::string_view key) {
  return static_cast<score_kind>(reader.choice(key, {"logits", "probabilities"}));
}

point read_point(const manifest_reader& reader, std::string_view key) {
  const auto xy = reader.numbers(key, 2, 0, 1);
  return {static_cast<float>(xy[0]), static_cast<float>(xy[1])};
}

framing read_eyes(const manifest_reader& reader) {
  const framing eyes{read_point(reader, "framing.left_eye"), read_point(reader, "framing.right_eye")};
  if (eyes.right_eye.x - eyes.left_eye.x < 0.05F)
    reader.fail("framing.right_eye", "must lie to the right of framing.left_eye");
  return eyes;
}

std::variant<framing, box_framing> read_framing(const manifest_reader& reader) {
  const bool eyes = reader.has("framing.left_eye") || reader.has("framing.right_eye");
  const bool box = reader.has("framing.margin");
  if (eyes == box)
    reader.fail("framing", eyes ? "must have either left_eye and right_eye or margin, not both"
                                : "is missing: it must have left_eye and right_eye, or margin");
  if (eyes) return read_eyes(reader);
  return box_framing{static_cast<float>(reader.number("framing.margin", -0.4, 4))};
}

/// The name of an output of one column, a column of the labels' output, or a table of both.
output_column read_column(const manifest_reader& reader, const std::string& key) {
  constexpr int last = 9999;
  if (reader.is_whole(key)) return {.output = "", .column = reader.whole(key, 0, last)};
  if (reader.is_table(key))
    return {.output = reader.text(key + ".output"), .column = reader.whole(key + ".column", 0, last)};
  return {.output = reader.text(key), .column = 0};
}

std::optional<affect_columns> read_own_affect(const manifest_reader& reader) {
  if (!reader.has("output.valence") && !reader.has("output.arousal")) return std::nullopt;
  return affect_columns{read_column(reader, "output.valence"), read_column(reader, "output.arousal")};
}

std::vector<affect> read_places(const manifest_reader& reader, const std::vector<std::string>& labels) {
  const auto table = reader.pairs("affect", -1, 1);
  for (const auto& [label, place] : table) {
    if (std::ranges::find(labels, label) == labels.end())
      reader.fail("affect." + label, "is none of output.labels");
  }
  std::vector<affect> places;
  for (const auto& label : labels) {
    if (const auto found = table.find(label); found != table.end()) {
      places.push_back({static_cast<float>(found->second.first), static_cast<float>(found->second.second)});
    } else if (const auto known = place_of(label)) {
      places.push_back(*known);
    } else {
      reader.fail("affect", "must have a place for the label \"" + label +
                                "\", whose name says none: [valence, arousal], each from -1 to 1");
    }
  }
  return places;
}

classifier_manifest read_as_classifier(const manifest_reader& reader, const std::filesystem::path& folder) {
  classifier_manifest m;
  read_common(reader, folder, m);
  m.input_name = reader.text("input.name", "");
  m.input = read_input(reader, {16, 512});
  if (m.input.height != m.input.width)
    reader.fail("input.height", "must be " + std::to_string(m.input.width) + ", as input.width, not " +
                                    std::to_string(m.input.height));
  m.output_name = reader.text("output.name", "");
  m.kind = read_kind(reader, "output.kind");
  m.labels = reader.texts("output.labels");
  if (m.labels.size() < 2) reader.fail("output.labels", "must be two at least, not one");
  m.own_affect = read_own_affect(reader);
  if (!m.own_affect)
    m.places = read_places(reader, m.labels);
  else if (reader.has("affect"))
    reader.fail("affect", "has no use beside output.valence and output.arousal");
  m.frame = read_framing(reader);
  reader.finish();
  return m;
}

detector_manifest read_as_detector(const manifest_reader& reader, const std::filesystem::path& folder) {
  detector_manifest m;
  read_common(reader, folder, m);
  m.family = static_cast<detector_family>(reader.choice("family", {"blazeface", "boxes"}));
  if (m.family == detector_family::boxes) {
    box_format& b = m.boxes;
    b.input_name = reader.text("input.name", "");
    b.input = read_input(reader, {16, 2048});
    b.fit = static_cast<fitting>(reader.choice("input.fit", {"letterbox", "stretch"}, 0));
    b.scores = reader.text("output.scores");
    b.boxes = reader.text("output.boxes");
    b.kind = read_kind(reader, "output.kind");
    b.from_corners = reader.choice("output.box", {"corners", "centre"}, 0) == 0;
    b.in_fractions = reader.choice("output.unit", {"fractions", "pixels"}, 0) == 0;
    if (reader.has("output.max_overlap"))
      b.max_overlap = static_cast<float>(reader.number("output.max_overlap", 0, 1));
    if (reader.has("framing")) b.eyes = read_eyes(reader);
  }
  reader.finish();
  return m;
}

}  // namespace

void model_manifest::fail(std::string_view key, std::string_view what) const {
  // without a manifest there are no keys
  throw std::runtime_error(source == file
                               ? "model " + source.string() + ": it " + std::string(what)
                               : source.string() + ": " + std::string(key) + ' ' + std::string(what));
}

manifest read_manifest(const std::filesystem::path& folder) {
  const manifest_reader reader(folder / file_name);
  if (kind_of(reader) == model_kind::expression) return read_as_classifier(reader, folder);
  return read_as_detector(reader, folder);
}

classifier_manifest read_classifier(const std::filesystem::path& folder) {
  const manifest_reader reader(folder / file_name);
  if (kind_of(reader) != model_kind::expression)
    reader.fail("kind", "must be \"expression\" for a classifier, not \"detector\"");
  return read_as_classifier(reader, folder);
}

detector_manifest read_detector(const std::filesystem::path& model) {
  if (!std::filesystem::is_directory(model)) {
    detector_manifest bare;
    bare.source = bare.file = model;
    return bare;
  }
  const manifest_reader reader(model / file_name);
  if (kind_of(reader) != model_kind::detector)
    reader.fail("kind", "must be \"detector\" for a detector, not \"expression\"");
  return read_as_detector(reader, model);
}

}  // namespace emostream::vision

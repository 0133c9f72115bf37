#include "vision/models/model_manifest.hpp"

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace emostream::vision {

namespace {

/// `range` maps black and white to values; `mean` and `std` then normalise these.
void read_normalisation(const manifest_reader& reader, input_format& f) {
  const bool standardised = reader.has("input.mean") || reader.has("input.std");
  if (standardised && !reader.has("input.range"))
    reader.fail(
        "input.range",
        "is missing: beside mean and std it must give the range of values that they apply to, such as "
        "[0, 1] or [0, 255]");
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

point read_point(const manifest_reader& reader, std::string_view key) {
  const auto xy = reader.numbers(key, 2, 0, 1);
  return {static_cast<float>(xy[0]), static_cast<float>(xy[1])};
}

}  // namespace

void model_manifest::fail(std::string_view key, std::string_view what) const {
  // A network without a manifest has no keys to name.
  throw std::runtime_error(source == file
                               ? "model " + source.string() + ": it " + std::string(what)
                               : source.string() + ": " + std::string(key) + ' ' + std::string(what));
}

model_kind read_model_kind(const manifest_reader& reader) {
  return static_cast<model_kind>(reader.choice("kind", {"expression", "detector"}, 0));
}

void read_common_keys(const manifest_reader& reader, const std::filesystem::path& folder, model_manifest& m) {
  m.source = folder / manifest_file;
  m.name = reader.string("name");
  m.version = reader.string("version", "");
  m.file = folder / reader.string("file", "model.onnx");
}

input_format read_input_format(const manifest_reader& reader, side_limits side) {
  input_format f;
  f.width = reader.integer("input.width", side.min, side.max);
  f.height = reader.has("input.height") ? reader.integer("input.height", side.min, side.max) : f.width;
  f.channels = static_cast<channel_order>(reader.choice("input.channels", {"gray", "rgb", "bgr"}));
  f.layout = static_cast<tensor_layout>(reader.choice("input.layout", {"NCHW", "NHWC"}, 0));
  read_normalisation(reader, f);
  return f;
}

score_kind read_score_kind(const manifest_reader& reader) {
  return static_cast<score_kind>(reader.choice("output.kind", {"logits", "probabilities"}));
}

eye_layout read_eye_layout(const manifest_reader& reader) {
  const eye_layout eyes{read_point(reader, "framing.left_eye"), read_point(reader, "framing.right_eye")};
  if (eyes.right_eye.x - eyes.left_eye.x < 0.05F)
    reader.fail("framing.right_eye", "must lie at least 0.05 to the right of framing.left_eye");
  return eyes;
}

}  // namespace emostream::vision

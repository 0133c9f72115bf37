#include "vision/expression/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "vision/models/network_check.hpp"

namespace emostream::vision {

namespace {

/// Clamps the probabilities of a network to at least 0 and scales them to sum to 1. If all are 0, they become
/// equal.
void normalise(std::span<float> row) {
  float sum = 0;
  for (float& p : row) sum += p = std::max(p, 0.0F);
  for (float& p : row) p = sum > 0 ? p / sum : 1 / static_cast<float>(row.size());
}

}  // namespace

classifier::classifier(const std::filesystem::path& folder)
    : manifest_(read_classifier_manifest(folder)), network_(load_network(manifest_)) {
  check_input(network_, manifest_, manifest_.input_name, manifest_.input);
  bind_outputs();
  check_outputs(run_probe(network_, manifest_, manifest_.input));
}

/// Selects the outputs that are used, and finds the columns in them.
void classifier::bind_outputs() {
  const auto& m = manifest_;
  const tensor_info& main = find_output(network_, m, "output.name", m.output_name);
  std::vector<std::size_t> affect_columns;
  if (m.affect_outputs) {
    for (const output_column& c : {m.affect_outputs->valence, m.affect_outputs->arousal}) {
      if (c.output.empty() || c.output == main.name)
        affect_columns.push_back(static_cast<std::size_t>(c.column));
    }
  }
  const std::size_t columns = m.labels.size() + affect_columns.size();
  const std::vector<std::int64_t> shape{-1, static_cast<std::int64_t>(columns)};
  if (!main.fits(shape))
    m.fail("output.labels", "are " + std::to_string(m.labels.size()) +
                                (affect_columns.empty() ? ""
                                                        : ", with " + std::to_string(affect_columns.size()) +
                                                              " columns of affect") +
                                ", which makes a " + shape_string(shape) + ", but \"" + main.name + "\" of " +
                                m.file.filename().string() + " is a " + shape_string(main.shape));
  for (std::size_t c = 0; c < columns; ++c) {
    if (std::ranges::find(affect_columns, c) == affect_columns.end()) label_columns_.push_back(c);
  }

  std::vector<tensor_info> used{{main.name, shape}};
  if (m.affect_outputs) {
    valence_ = find_column("output.valence", m.affect_outputs->valence, used);
    arousal_ = find_column("output.arousal", m.affect_outputs->arousal, used);
    if (arousal_ == valence_) m.fail("output.arousal", "must be another column than output.valence");
  }
  network_.bind(m.input.shape(), std::move(used));
}

classifier::column classifier::find_column(std::string_view key, const output_column& named,
                                           std::vector<tensor_info>& used) const {
  const std::string& name = named.output.empty() ? used[0].name : named.output;
  const auto known = std::ranges::find(used, name, &tensor_info::name);
  const std::size_t output = static_cast<std::size_t>(known - used.begin());
  if (known == used.end()) {
    const tensor_info& found = find_output(network_, manifest_, key, name);
    const bool is_valid = found.shape.size() == 1 || (found.shape.size() == 2 && found.shape[1] > 0);
    std::vector<std::int64_t> shape = found.shape;
    if (is_valid) shape[0] = -1;
    if (!is_valid || !found.fits(shape))
      manifest_.fail(key, "must be an output [N] or [N, C] with a fixed number C of columns, but \"" + name +
                              "\" is a " + shape_string(found.shape));
    used.push_back({name, shape});
  }
  const auto& shape = used[output].shape;
  const auto columns = shape.size() == 1 ? 1 : shape[1];
  if (named.column >= columns)
    manifest_.fail(key, "must be a column from 0 to " + std::to_string(columns - 1) + " of \"" + name +
                            "\", not " + std::to_string(named.column));
  return {output, static_cast<std::size_t>(named.column)};
}

/// Checks that the outputs for the probe image are of the kinds that the manifest specifies.
void classifier::check_outputs(std::span<const std::vector<float>> outputs) const {
  float sum = 0;
  float min = 0;
  for (const std::size_t c : label_columns_) {
    sum += outputs[0][c];
    min = std::min(min, outputs[0][c]);
  }
  const bool may_be_probabilities = min > -0.001F && std::abs(sum - 1) < 0.02F;
  const bool are_probabilities = min == 0 && std::abs(sum - 1) < 1e-4F;
  if (manifest_.kind == score_kind::probabilities && !may_be_probabilities)
    manifest_.fail("output.kind",
                   "must be \"logits\", it seems: for a gray image the scores of the labels sum to " +
                       std::to_string(sum) + (min < 0 ? ", and the lowest is " + std::to_string(min) : ""));
  if (manifest_.kind == score_kind::logits && are_probabilities)
    manifest_.fail("output.kind",
                   "must be \"probabilities\", it seems: for a gray image the scores of the labels sum to 1");
  if (!manifest_.affect_outputs) return;
  for (const auto& [key, source] : {std::pair{"output.valence", valence_}, {"output.arousal", arousal_}}) {
    const float value = outputs[source.output][source.index];
    if (std::abs(value) > 1.25F)
      manifest_.fail(key, "must be from -1 to 1, but is " + std::to_string(value) + " for a gray image");
  }
}

std::size_t classifier::column_count(std::size_t output) const {
  const auto& shape = network_.outputs()[output].shape;
  return shape.size() == 1 ? 1 : static_cast<std::size_t>(shape[1]);
}

readings classifier::classify(std::size_t count, std::span<const float> crops) const {
  readings computed;
  classify(count, crops, computed);
  return computed;
}

void classifier::classify(std::size_t count, std::span<const float> crops, readings& into) const {
  const std::size_t labels = manifest_.labels.size();
  into.faces.resize(count);
  if (count == 0) return;
  auto& all = into.outputs;
  all.resize(network_.outputs().size());
  boost::container::small_vector<std::span<float>, 4> outputs;
  for (std::size_t o = 0; o < all.size(); ++o) {
    all[o].resize(count * column_count(o));
    outputs.emplace_back(all[o]);
  }
  network_.run(count, crops, outputs);

  for (std::size_t i = 0; i < count; ++i) {
    reading& face = into.faces[i];
    face.probabilities.resize(labels);
    const std::span<float> row = face.probabilities;
    const auto columns = std::span<const float>(all[0]).subspan(i * column_count(0), column_count(0));
    std::ranges::transform(label_columns_, row.begin(), [&](std::size_t c) { return columns[c]; });
    if (manifest_.kind == score_kind::logits)
      softmax(row, row);
    else
      normalise(row);
    if (manifest_.affect_outputs) {
      const auto value = [&](const column& c) {
        return std::clamp(all[c.output][i * column_count(c.output) + c.index], -1.0F, 1.0F);
      };
      face.valence = value(valence_);
      face.arousal = value(arousal_);
    } else {
      const affect expected = expected_affect(row, manifest_.label_affects);
      face.valence = expected.valence;
      face.arousal = expected.arousal;
    }
  }
}

}  // namespace emostream::vision

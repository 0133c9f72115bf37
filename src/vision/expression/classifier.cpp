#include "vision/expression/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "vision/models/network_check.hpp"

namespace emostream::vision {

namespace {

/// Makes what a network calls probabilities sum to one exactly.
void normalise(std::span<float> row) {
  float sum = 0;
  for (float& p : row) sum += p = std::max(p, 0.0F);
  for (float& p : row) p = sum > 0 ? p / sum : 1 / static_cast<float>(row.size());
}

}  // namespace

classifier::classifier(const std::filesystem::path& folder)
    : manifest_(read_classifier(folder)), network_(load_network(manifest_)) {
  check_input(network_, manifest_, manifest_.input_name, manifest_.input);
  bind_outputs();
  check(try_out(network_, manifest_, manifest_.input));
}

/// Finds the outputs that are used, and the columns in them.
void classifier::bind_outputs() {
  const auto& m = manifest_;
  const tensor_info& main = find_output(network_, m, "output.name", m.output_name);
  std::vector<std::size_t> not_labels;
  if (m.own_affect) {
    for (const output_column& c : {m.own_affect->valence, m.own_affect->arousal}) {
      if (c.output.empty() || c.output == main.name) not_labels.push_back(static_cast<std::size_t>(c.column));
    }
  }
  const std::size_t columns = m.labels.size() + not_labels.size();
  const std::vector<std::int64_t> shape{-1, static_cast<std::int64_t>(columns)};
  if (!main.fits(shape))
    m.fail(
        "output.labels",
        "are " + std::to_string(m.labels.size()) +
            (not_labels.empty() ? "" : ", with " + std::to_string(not_labels.size()) + " columns of affect") +
            ", which makes a " + in_words(shape) + ", but \"" + main.name + "\" of " +
            m.file.filename().string() + " is a " + in_words(main.shape));
  for (std::size_t c = 0; c < columns; ++c) {
    if (std::ranges::find(not_labels, c) == not_labels.end()) label_columns_.push_back(c);
  }

  std::vector<tensor_info> used{{main.name, shape}};
  if (m.own_affect) {
    valence_ = bind("output.valence", m.own_affect->valence, used);
    arousal_ = bind("output.arousal", m.own_affect->arousal, used);
    if (arousal_ == valence_) m.fail("output.arousal", "must be another column than output.valence");
  }
  network_.use(m.input.shape(), std::move(used));
}

classifier::column classifier::bind(std::string_view key, const output_column& named,
                                    std::vector<tensor_info>& used) const {
  const std::string& name = named.output.empty() ? used[0].name : named.output;
  const auto known = std::ranges::find(used, name, &tensor_info::name);
  const std::size_t output = static_cast<std::size_t>(known - used.begin());
  if (known == used.end()) {
    const tensor_info& found = find_output(network_, manifest_, key, name);
    const bool right = found.shape.size() == 1 || (found.shape.size() == 2 && found.shape[1] > 0);
    std::vector<std::int64_t> shape = found.shape;
    if (right) shape[0] = -1;
    if (!right || !found.fits(shape))
      manifest_.fail(key, "must be an output of some columns, [N, 1] at least, but \"" + name + "\" is a " +
                              in_words(found.shape));
    used.push_back({name, shape});
  }
  const auto& shape = used[output].shape;
  const auto columns = shape.size() == 1 ? 1 : shape[1];
  if (named.column >= columns)
    manifest_.fail(key, "must be a column from 0 to " + std::to_string(columns - 1) + " of \"" + name +
                            "\", not " + std::to_string(named.column));
  return {output, static_cast<std::size_t>(named.column)};
}

/// Is the answer to a gray picture what the manifest says it is?
void classifier::check(std::span<const std::vector<float>> answer) const {
  float sum = 0;
  float least = 0;
  for (const std::size_t c : label_columns_) {
    sum += answer[0][c];
    least = std::min(least, answer[0][c]);
  }
  const bool probable = least > -0.001F && std::abs(sum - 1) < 0.02F;
  const bool exact = least == 0 && std::abs(sum - 1) < 1e-4F;
  if (manifest_.kind == score_kind::probabilities && !probable)
    manifest_.fail("output.kind",
                   "must be \"logits\", it seems: for a gray picture the scores of the labels sum to " +
                       std::to_string(sum) + ", the least of 0 and them is " + std::to_string(least));
  if (manifest_.kind == score_kind::logits && exact)
    manifest_.fail(
        "output.kind",
        "must be \"probabilities\", it seems: for a gray picture the scores of the labels sum to 1");
  if (!manifest_.own_affect) return;
  for (const auto& [key, at] : {std::pair{"output.valence", valence_}, {"output.arousal", arousal_}}) {
    const float value = answer[at.output][at.at];
    if (std::abs(value) > 1.25F)
      manifest_.fail(key, "must be from -1 to 1, but is " + std::to_string(value) + " for a gray picture");
  }
}

std::size_t classifier::width(std::size_t output) const {
  const auto& shape = network_.outputs()[output].shape;
  return shape.size() == 1 ? 1 : static_cast<std::size_t>(shape[1]);
}

readings classifier::classify(std::size_t count, std::span<const float> crops) const {
  readings read;
  classify(count, crops, read);
  return read;
}

void classifier::classify(std::size_t count, std::span<const float> crops, readings& read) const {
  const std::size_t labels = manifest_.labels.size();
  read.faces.resize(count);
  if (count == 0) return;
  auto& answer = read.outputs;
  answer.resize(network_.outputs().size());
  boost::container::small_vector<std::span<float>, 4> outputs;
  for (std::size_t o = 0; o < answer.size(); ++o) {
    answer[o].resize(count * width(o));
    outputs.emplace_back(answer[o]);
  }
  network_.run(count, crops, outputs);

  for (std::size_t i = 0; i < count; ++i) {
    reading& face = read.faces[i];
    face.probabilities.resize(labels);
    const std::span<float> row = face.probabilities;
    const auto columns = std::span<const float>(answer[0]).subspan(i * width(0), width(0));
    std::ranges::transform(label_columns_, row.begin(), [&](std::size_t c) { return columns[c]; });
    if (manifest_.kind == score_kind::logits)
      softmax(row, row);
    else
      normalise(row);
    if (manifest_.own_affect) {
      const auto value = [&](const column& c) {
        return std::clamp(answer[c.output][i * width(c.output) + c.at], -1.0F, 1.0F);
      };
      face.valence = value(valence_);
      face.arousal = value(arousal_);
    } else {
      const affect expected = expected_affect(row, manifest_.places);
      face.valence = expected.valence;
      face.arousal = expected.arousal;
    }
  }
}

}  // namespace emostream::vision

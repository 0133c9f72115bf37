#include "vision/classifier.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <toml++/toml.h>

namespace emostream::vision {

namespace {

/// The keys of one TOML file; each getter throws with the file and the key.
class manifest_reader {
 public:
  explicit manifest_reader(std::filesystem::path file) : file_(std::move(file)) {
    try {
      table_ = toml::parse_file(file_.string());
    } catch (const toml::parse_error& e) {
      throw std::runtime_error(file_.string() + ": " + std::string(e.description()));
    }
  }

  [[noreturn]] void fail(std::string_view key, std::string_view what) const {
    throw std::runtime_error(file_.string() + ": " + std::string(key) + " " + std::string(what));
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    const auto value = table_.at_path(key).value_exact<std::string>();
    if (!value || value->empty()) fail(key, "must be a text");
    return *value;
  }

  [[nodiscard]] int whole(std::string_view key, int min, int max) const {
    const auto value = table_.at_path(key).value_exact<std::int64_t>();
    if (!value || *value < min || *value > max)
      fail(key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return static_cast<int>(*value);
  }

  void expect(std::string_view key, std::string_view only) const {
    if (text(key) != only) fail(key, "must be \"" + std::string(only) + "\"");
  }

  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> values;
    if (const auto* array = table_.at_path(key).as_array()) {
      for (const auto& element : *array) {
        const auto value = element.value_exact<std::string>();
        if (!value) fail(key, "must be an array of texts");
        values.push_back(*value);
      }
    }
    if (values.empty()) fail(key, "must be an array of texts");
    return values;
  }

  /// Two fractions, x and y.
  [[nodiscard]] point fractions(std::string_view key) const {
    const auto* array = table_.at_path(key).as_array();
    if (array == nullptr || array->size() != 2) fail(key, "must be [x, y]");
    std::array<float, 2> xy{};
    for (std::size_t i = 0; i < 2; ++i) {
      const auto value = (*array)[i].value<double>();
      if (!value || !(*value >= 0 && *value <= 1)) fail(key, "must be [x, y], each from 0 to 1");
      xy[i] = static_cast<float>(*value);
    }
    return {xy[0], xy[1]};
  }

 private:
  std::filesystem::path file_;
  toml::table table_;
};

void check(const onnx_model& model, const classifier_manifest& manifest) {
  using shape = std::vector<std::int64_t>;
  const auto labels = static_cast<std::int64_t>(manifest.labels.size());
  const bool right = model.input().shape == shape{-1, 1, manifest.size, manifest.size} &&
                     model.outputs().size() == 1 && model.outputs()[0].shape == shape{-1, labels};
  if (!right)
    throw std::runtime_error("model " + manifest.file.string() + ": its shapes are not those of model.toml");
}

}  // namespace

classifier_manifest read_manifest(const std::filesystem::path& folder) {
  const manifest_reader reader(folder / "model.toml");
  classifier_manifest m;
  m.name = reader.text("name");
  m.file = folder / reader.text("file");
  m.size = reader.whole("input.width", 16, 512);
  if (reader.whole("input.height", 16, 512) != m.size) reader.fail("input.height", "must be input.width");
  reader.expect("input.channels", "gray");
  reader.expect("input.layout", "NCHW");
  reader.expect("output.kind", "logits");
  m.labels = reader.texts("output.labels");
  for (const auto& label : m.labels) {
    if (!place_of(label)) reader.fail("output.labels", "has no place for valence and arousal: " + label);
  }
  m.eyes = {reader.fractions("framing.left_eye"), reader.fractions("framing.right_eye")};
  if (m.eyes.right_eye.x - m.eyes.left_eye.x < 0.05F)
    reader.fail("framing.right_eye", "must lie to the right of framing.left_eye");
  return m;
}

classifier::classifier(const std::filesystem::path& folder)
    : manifest_(read_manifest(folder)), model_(manifest_.file) {
  check(model_, manifest_);
  for (const auto& label : manifest_.labels) places_.push_back(*place_of(label));
}

std::vector<float> classifier::classify(std::size_t count, std::span<const float> crops) const {
  const std::size_t labels = manifest_.labels.size();
  std::vector<float> logits(count * labels);
  if (count == 0) return logits;
  const std::array<std::span<float>, 1> outputs{logits};
  model_.run(count, crops, outputs);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = std::span(logits).subspan(i * labels, labels);
    softmax(row, row);
  }
  return logits;
}

}  // namespace emostream::vision

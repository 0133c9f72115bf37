#include "vision/models/network_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <span>

namespace emostream::vision {

namespace {

/// Writes an image of one gray level into the input tensor.
void fill(const input_format& format, float value, std::span<float> tensor) {
  const std::size_t pixels = format.size() / static_cast<std::size_t>(format.depth());
  if (format.depth() == 1) {
    const pixel_writer<1> out(format, tensor.data());
    for (std::size_t i = 0; i < pixels; ++i) out.write(i, {value});
  } else {
    const pixel_writer<3> out(format, tensor.data());
    for (std::size_t i = 0; i < pixels; ++i) out.write(i, {value, value, value});
  }
}

std::size_t element_count(const tensor_info& info) {
  std::size_t count = 1;
  for (const auto dimension : info.shape) count *= dimension < 0 ? 1 : static_cast<std::size_t>(dimension);
  return count;
}

std::string names_of(std::span<const tensor_info> outputs) {
  std::string names;
  for (const auto& output : outputs) names += (names.empty() ? "\"" : ", \"") + output.name + '"';
  return names;
}

}  // namespace

onnx_model load_network(const model_manifest& m) {
  try {
    return onnx_model(m.file);
  } catch (const onnx_model_error& e) {
    if (m.source == m.file) throw;  // no manifest: the message already names the file
    m.fail("file", std::string("must name a network that can be loaded: ") + e.what());
  }
}

void check_input(const onnx_model& network, const model_manifest& m, const std::string& input_name,
                 const input_format& format) {
  const tensor_info& input = network.input();
  if (!input_name.empty() && input.name != input_name)
    m.fail("input.name",
           "must be \"" + input.name + "\", the name in the network, not \"" + input_name + '"');
  if (!input.fits(format.shape()))
    m.fail("input", "makes a " + shape_string(format.shape()) + " (" + format.description() + "), but \"" +
                        input.name + "\" of " + m.file.filename().string() + " is a " +
                        shape_string(input.shape));
}

const tensor_info& find_output(const onnx_model& network, const model_manifest& m, std::string_view key,
                               const std::string& name) {
  const auto outputs = network.outputs();
  if (name.empty() && outputs.size() == 1) return outputs[0];
  if (name.empty()) m.fail(key, "is missing: it must be one of " + names_of(outputs));
  const auto found = std::ranges::find(outputs, name, &tensor_info::name);
  if (found == outputs.end()) m.fail(key, "must be one of " + names_of(outputs) + ", not \"" + name + '"');
  return *found;
}

std::vector<std::vector<float>> run_probe(const onnx_model& network, const model_manifest& m,
                                          const input_format& format) {
  const std::size_t count = network.takes_batches() ? 2 : 1;
  std::vector<float> input(count * format.size());
  for (std::size_t i = 0; i < count; ++i)
    fill(format, i == 0 ? 128.0F : 0.0F, std::span(input).subspan(i * format.size(), format.size()));
  std::vector<std::vector<float>> values;
  for (const auto& output : network.outputs()) {
    const bool batched = output.shape.empty() || output.shape[0] < 0;
    values.emplace_back(element_count(output) * (batched ? count : 1));
  }
  const std::vector<std::span<float>> views(values.begin(), values.end());
  try {
    network.run(count, input, views);
  } catch (const std::exception& e) {
    m.fail("file",
           "names a network that cannot be run on a batch of " + std::to_string(count) + ": " + e.what());
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto invalid = std::ranges::find_if(values[i], [](float v) { return !std::isfinite(v); });
    if (invalid != values[i].end())
      m.fail("file", "names a network whose output \"" + network.outputs()[i].name +
                         "\" must consist of finite numbers, but has " + std::to_string(*invalid) +
                         " for a gray image");
  }
  return values;
}

}  // namespace emostream::vision

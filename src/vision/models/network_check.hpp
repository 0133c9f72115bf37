#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vision/image/input_format.hpp"
#include "vision/models/model_manifest.hpp"
#include "vision/models/onnx_model.hpp"

// Checks that a network matches its manifest. All functions throw std::runtime_error; the message names the
// manifest and the key, with the expected and the actual value.
namespace emostream::vision {

/// Loads the network that the manifest names.
onnx_model load_network(const model_manifest& m);

/// Checks that the network's input has the shape of `format` and, unless it is empty, the name `input_name`.
void check_input(const onnx_model& network, const model_manifest& m, const std::string& input_name,
                 const input_format& format);

/// Finds the output `name`, which the manifest's `key` gives; an empty name means the only output.
const tensor_info& find_output(const onnx_model& network, const model_manifest& m, std::string_view key,
                               const std::string& name);

/// Runs the network on a plain gray image and, if it takes batches, a black one. Returns its outputs after
/// checking that all values are finite.
std::vector<std::vector<float>> run_probe(const onnx_model& network, const model_manifest& m,
                                          const input_format& format);

}  // namespace emostream::vision

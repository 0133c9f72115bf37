#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vision/image/input_format.hpp"
#include "vision/models/manifest.hpp"
#include "vision/models/onnx_model.hpp"

// Does a network keep what its manifest promises? Everything here throws std::runtime_error that names the
// manifest, the key, what was expected and what found.
namespace emostream::vision {

onnx_model load_network(const model_manifest& m);

/// Its input must have the shape of `format`, and the name, if one is given.
void check_input(const onnx_model& network, const model_manifest& m, const std::string& input_name,
                 const input_format& format);

/// The output which the manifest's `key` names; without a name, the only one.
const tensor_info& find_output(const onnx_model& network, const model_manifest& m, std::string_view key,
                               const std::string& name);

/// What the network makes of pictures that are all gray, and all black if it takes batches: its outputs, of
/// finite numbers.
std::vector<std::vector<float>> try_out(const onnx_model& network, const model_manifest& m,
                                        const input_format& format);

}  // namespace emostream::vision

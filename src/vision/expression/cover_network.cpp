#include "vision/expression/cover_network.hpp"

#include <array>
#include <stdexcept>

namespace emostream::vision {

cover_network::cover_network(const std::filesystem::path& file) : network_(file) {
  try {
    network_.bind({-1, 1, side, side}, {{"hidden", {-1, 2}}});
  } catch (const std::invalid_argument& e) {
    throw onnx_model_error("model " + file.string() + ": " + e.what());
  }
}

hidden_parts cover_network::judge(std::span<const float> crop) const {
  std::array<float, 2> values;
  const std::array<std::span<float>, 1> outputs{values};
  network_.run(1, crop, outputs);
  return {.mouth = values[0], .eyes = values[1]};
}

}  // namespace emostream::vision

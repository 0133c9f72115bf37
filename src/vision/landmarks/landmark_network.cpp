#include "vision/landmarks/landmark_network.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <boost/container/static_vector.hpp>

namespace emostream::vision {

namespace {

/// Red, green and blue from 0 to 1.
constexpr float unit = 1.0F / 255;
constexpr input_format format{.width = mesh_crop_side,
                              .height = mesh_crop_side,
                              .channels = channel_order::rgb,
                              .layout = tensor_layout::nchw,
                              .scale = {unit, unit, unit}};

}  // namespace

landmark_network::landmark_network(const std::filesystem::path& file, std::vector<tensor_info> more_outputs)
    : network_(file) {
  constexpr auto points = static_cast<std::int64_t>(mesh_point_count);
  std::vector<tensor_info> outputs{{"points", {-1, points, 3}}, {"presence_logit", {-1, 1}}};
  std::ranges::move(more_outputs, std::back_inserter(outputs));
  try {
    network_.bind(format.shape(), std::move(outputs));
  } catch (const std::invalid_argument& e) {
    throw onnx_model_error("model " + file.string() + ": " + e.what());
  }
}

void landmark_network::find(const image& from, const similarity_transform& crop, landmark_scratch& scratch,
                            face_mesh& into, std::span<const std::span<float>> more) const {
  scratch.crop.resize(format.size());
  extract_crop(from, crop, format, scratch.crop, scratch.cropping);
  std::array<float, mesh_point_count * 3> values;
  boost::container::static_vector<std::span<float>, 8> outputs{values, {&into.presence_logit, 1}};
  outputs.insert(outputs.end(), more.begin(), more.end());
  network_.run(1, scratch.crop, outputs);
  const float scale = crop.scale();
  for (std::size_t i = 0; i < mesh_point_count; ++i) {
    const point p = crop({values[3 * i], values[3 * i + 1]});
    into.points[i] = {p.x, p.y, values[3 * i + 2] * scale};
  }
}

}  // namespace emostream::vision

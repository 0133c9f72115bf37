#include "vision/landmarks/eye_network.hpp"

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace emostream::vision {

namespace {

/// Pairs of x and y. The network also gives points of the skin around the eye, which are not used.
using eye_values = std::array<float, 71 * 2>;
using iris_values = std::array<float, eye_outline::iris_points * 2>;

tensor_info output(const char* name, std::size_t values) {
  return {name, {-1, static_cast<std::int64_t>(values / 2), 2}};
}

std::vector<tensor_info> eye_outputs() {
  constexpr std::size_t eye = std::tuple_size_v<eye_values>;
  constexpr std::size_t iris = std::tuple_size_v<iris_values>;
  return {output("left_eye", eye), output("left_iris", iris), output("right_eye", eye),
          output("right_iris", iris)};
}

/// Maps as many points as fit into `to` from the crop to the image.
void map(const similarity_transform& crop, std::span<const float> values, std::span<point> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = crop({values[2 * i], values[2 * i + 1]});
}

}  // namespace

eye_network::eye_network(const std::filesystem::path& file) : network_(file, eye_outputs()) {}

void eye_network::find(const image& from, const similarity_transform& crop, landmark_scratch& scratch,
                       eye_outlines& into) const {
  eye_values left_eye;
  iris_values left_iris;
  eye_values right_eye;
  iris_values right_iris;
  const std::array<std::span<float>, 4> outputs{left_eye, left_iris, right_eye, right_iris};
  network_.find(from, crop, scratch, into.mesh, outputs);
  map(crop, left_eye, into.left.contour);
  map(crop, left_iris, into.left.iris);
  map(crop, right_eye, into.right.contour);
  map(crop, right_iris, into.right.iris);
}

}  // namespace emostream::vision

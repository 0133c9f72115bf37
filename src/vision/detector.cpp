#include "vision/detector.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>

#include "vision/letterbox.hpp"

namespace emostream::vision {

namespace {

constexpr std::size_t anchors(const anchor_grid& grid) {
  return static_cast<std::size_t>(grid.cells) * static_cast<std::size_t>(grid.cells * grid.per_cell);
}

/// The side of the input, after checking that the model is a BlazeFace.
int check(const onnx_model& model, const std::filesystem::path& file) {
  using shape = std::vector<std::int64_t>;
  const auto fine = static_cast<std::int64_t>(anchors(fine_grid));
  const auto coarse = static_cast<std::int64_t>(anchors(coarse_grid));
  const std::array<shape, 4> outputs{{{1, fine, 1}, {1, coarse, 1}, {1, fine, 16}, {1, coarse, 16}}};
  const shape& input = model.input().shape;
  bool right = input == shape{1, 256, 256, 3} || input == shape{1, 128, 128, 3};
  right = right && model.outputs().size() == outputs.size();
  for (std::size_t i = 0; right && i < outputs.size(); ++i) right = model.outputs()[i].shape == outputs[i];
  if (!right)
    throw std::runtime_error("model " + file.string() + ": it is not a BlazeFace of 128×128 or 256×256");
  return static_cast<int>(input[1]);
}

}  // namespace

detector::detector(const std::filesystem::path& model)
    : model_(model),
      size_(check(model_, model)),
      name_(size_ == 256 ? "blazeface-back-256" : "blazeface-front-128") {}

std::vector<detection> detector::detect(const image& in, float min_confidence) const {
  std::vector<float> input(static_cast<std::size_t>(size_) * static_cast<std::size_t>(size_) * 3);
  const letterbox placed = fill_letterboxed(in, size_, input);

  std::array<float, anchors(fine_grid)> fine_scores;
  std::array<float, anchors(coarse_grid)> coarse_scores;
  std::array<float, anchors(fine_grid) * values_per_anchor> fine_values;
  std::array<float, anchors(coarse_grid) * values_per_anchor> coarse_values;
  const std::array<std::span<float>, 4> outputs{fine_scores, coarse_scores, fine_values, coarse_values};
  model_.run(1, input, outputs);

  std::vector<detection> found;
  decode_grid(fine_grid, size_, fine_scores, fine_values, min_confidence, found);
  decode_grid(coarse_grid, size_, coarse_scores, coarse_values, min_confidence, found);
  found = blend_overlapping(std::move(found));
  for (detection& d : found) {
    const point corner = placed.to_image({d.box.x, d.box.y});
    d.box = {corner.x, corner.y, d.box.width * placed.scale, d.box.height * placed.scale};
    for (point& p : d.landmarks) p = placed.to_image(p);
  }
  return found;
}

}  // namespace emostream::vision

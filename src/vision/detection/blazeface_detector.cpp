#include "vision/detection/blazeface_detector.hpp"

#include <array>
#include <cstddef>
#include <string>

#include "vision/detection/blazeface.hpp"
#include "vision/models/network_check.hpp"

namespace emostream::vision {

namespace {

constexpr std::size_t anchor_count(const anchor_grid& grid) {
  return static_cast<std::size_t>(grid.cells) * static_cast<std::size_t>(grid.cells * grid.per_cell);
}

/// RGB values from -1 to 1.
input_format input_of(int side) {
  constexpr float unit = 1 / 127.5F;
  return {.width = side,
          .height = side,
          .channels = channel_order::rgb,
          .layout = tensor_layout::nhwc,
          .scale = {unit, unit, unit},
          .offset = {-1, -1, -1}};
}

/// Checks that the network is a BlazeFace, and returns the format of its input.
input_format checked_input(const onnx_model& network, const detector_manifest& m) {
  using shape = std::vector<std::int64_t>;
  const auto fine = static_cast<std::int64_t>(anchor_count(fine_grid));
  const auto coarse = static_cast<std::int64_t>(anchor_count(coarse_grid));
  const std::array<shape, 4> expected{{{1, fine, 1}, {1, coarse, 1}, {1, fine, 16}, {1, coarse, 16}}};
  const shape& input = network.input().shape;
  const auto outputs = network.outputs();
  std::string found = shape_string(input) + " to";
  for (const auto& output : outputs) found += ' ' + shape_string(output.shape);
  const bool is_blazeface = (input == shape{1, 256, 256, 3} || input == shape{1, 128, 128, 3}) &&
                            std::ranges::equal(outputs, expected, {}, &tensor_info::shape);
  if (!is_blazeface) {
    std::string wanted = "[1, 256, 256, 3] or [1, 128, 128, 3] to";
    for (const auto& output : expected) wanted += ' ' + shape_string(output);
    m.fail("file",
           "is not a BlazeFace of 128×128 or 256×256: it must take " + wanted + ", not " + found +
               (m.source == m.file ? "; any other model is named by its folder, with a model.toml" : ""));
  }
  return input_of(static_cast<int>(input[1]));
}

}  // namespace

blazeface_detector::blazeface_detector(detector_manifest m)
    : detector(std::move(m)), network_(load_network(manifest_)), format_(checked_input(network_, manifest_)) {
  if (manifest_.name.empty())
    manifest_.name = format_.width == 256 ? "blazeface-back-256" : "blazeface-front-128";
  run_probe(network_, manifest_, format_);
}

std::size_t blazeface_detector::anchors() const {
  return anchor_count(fine_grid) + anchor_count(coarse_grid);
}

void blazeface_detector::detect(const image& in, const region& part, float min_confidence,
                                detection_scratch& scratch, std::vector<detection>& found) const {
  scratch.input.resize(format_.size());
  const placement placed = fit(in, part, fit_mode::letterbox, format_, scratch.input, scratch.resizing);

  std::array<float, anchor_count(fine_grid)> fine_scores;
  std::array<float, anchor_count(coarse_grid)> coarse_scores;
  std::array<float, anchor_count(fine_grid) * values_per_anchor> fine_values;
  std::array<float, anchor_count(coarse_grid) * values_per_anchor> coarse_values;
  const std::array<std::span<float>, 4> outputs{fine_scores, coarse_scores, fine_values, coarse_values};
  network_.run(1, scratch.input, outputs);

  found.clear();
  decode_grid(fine_grid, format_.width, fine_scores, fine_values, min_confidence, found);
  decode_grid(coarse_grid, format_.width, coarse_scores, coarse_values, min_confidence, found);
  blend_overlapping(found);
  for (detection& d : found) {
    d.box = placed.box_to_image(d.box);
    for (point& p : *d.landmarks) p = placed.to_image(p);
  }
}

}  // namespace emostream::vision

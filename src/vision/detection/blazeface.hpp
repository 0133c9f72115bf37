#pragma once

#include <span>
#include <vector>

#include "vision/detection/detection.hpp"

// What BlazeFace's numbers mean (Bazarevsky et al. 2019, and MediaPipe's face_detection graphs): from its raw
// output to faces. Nothing here runs a network.
namespace emostream::vision {

/// One of the network's two grids of anchors.
struct anchor_grid {
  int cells;     ///< a side
  int per_cell;  ///< anchors on the centre of each cell
};

/// 512 anchors on the fine grid, 384 on the coarse one: the same for the front and the back model.
inline constexpr anchor_grid fine_grid{16, 2};
inline constexpr anchor_grid coarse_grid{8, 6};
inline constexpr int values_per_anchor = 16;

/// Appends the anchors of a grid whose confidence reaches the minimum, in pixels of the network's square
/// input. `scores` has one logit an anchor; `values` 16: the box's centre relative to the cell's, its width
/// and height, and six keypoints relative to the cell's centre, all in input pixels.
void decode_grid(const anchor_grid& grid, int input_size, std::span<const float> scores,
                 std::span<const float> values, float min_confidence, std::vector<detection>& into);

}  // namespace emostream::vision

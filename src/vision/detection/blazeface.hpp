#pragma once

#include <span>
#include <vector>

#include "vision/detection/detection.hpp"

// Decodes the raw output of BlazeFace (Bazarevsky et al. 2019, and MediaPipe's face_detection graphs) into
// detections. Does not run the network.
namespace emostream::vision {

/// One of the network's two grids of anchors.
struct anchor_grid {
  int cells;     ///< per side
  int per_cell;  ///< anchors at the centre of each cell
};

/// 512 anchors on the fine grid and 384 on the coarse one, both in the front and in the back model.
inline constexpr anchor_grid fine_grid{16, 2};
inline constexpr anchor_grid coarse_grid{8, 6};
inline constexpr int values_per_anchor = 16;

/// Appends the detections of a grid whose confidence is at least `min_confidence`, in pixels of the network's
/// square input. `scores` has one logit per anchor. `values` has 16 values per anchor, all in input pixels:
/// the box's centre relative to the cell's centre, its width and height, and six keypoints relative to the
/// cell's centre.
void decode_grid(const anchor_grid& grid, int input_size, std::span<const float> scores,
                 std::span<const float> values, float min_confidence, std::vector<detection>& into);

}  // namespace emostream::vision

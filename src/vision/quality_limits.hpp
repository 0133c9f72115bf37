#pragma once

// Written by training/robustness.py; do not edit by hand. Where the accuracy of the faces of FER+'s
// valid set, served, falls by 5 points from that of good ones; the model card has the curves.
namespace emostream::vision::quality_limits {

/// pixels: the box's smaller side; good ones 83.1 %, flagged 67.2 %.
constexpr float small_px = 28;
/// variance of the Laplacian of the crop; good ones 83.1 %, flagged 61.3 %.
constexpr float blurred_below = 500;
/// mean of the crop, 0..1; good ones 83.1 %, flagged 54.8 %.
constexpr float dark_below = 0.250F;
/// degrees of yaw, to either side; good ones 84.7 %, flagged 49.3 %.
constexpr float side_view_over = 41;

}  // namespace emostream::vision::quality_limits

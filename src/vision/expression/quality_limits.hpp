#pragma once

// Written by training/robustness.py; do not edit by hand. Where the accuracy of the faces of FER+'s
// valid set, served, falls by 5 points from that of good ones; the model card has the curves.
namespace emostream::vision::quality_limits {

/// pixels: the box's smaller side; good ones 83.9 %, flagged 74.6 %.
constexpr float small_px = 22;
/// variance of the Laplacian of the crop; good ones 83.9 %, flagged 68.2 %.
constexpr float blurred_below = 94;
/// mean of the crop, 0..1; good ones 83.9 %, flagged 59.6 %.
constexpr float dark_below = 0.115F;
/// degrees of yaw, to either side; good ones 84.9 %, flagged 53.6 %.
constexpr float side_view_over = 41;

}  // namespace emostream::vision::quality_limits

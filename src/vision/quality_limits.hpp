#pragma once

// From here on a face is flagged.
namespace emostream::vision::quality_limits {

/// pixels: the box's smaller side
constexpr float small_px = 40;
/// variance of the Laplacian of the crop
constexpr float blurred_below = 60;
/// mean of the crop, 0..1
constexpr float dark_below = 0.150F;
/// degrees of yaw, to either side
constexpr float side_view_over = 35;

}  // namespace emostream::vision::quality_limits

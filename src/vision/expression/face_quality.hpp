#pragma once

#include <span>
#include <string_view>

#include <boost/container/static_vector.hpp>

#include "vision/expression/head_pose.hpp"
#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// How well a face can be seen. Blur and brightness are 0 if the face has no crop.
struct face_quality {
  float blur = 0;        ///< variance of the Laplacian of the gray crop; smaller values are blurrier
  float brightness = 0;  ///< mean of the gray crop, 0..1
  float size_px = 0;     ///< the shorter side of the box
  /// too_small, blurred, dark, side_view; quality_limits.hpp has their thresholds.
  boost::container::static_vector<std::string_view, 4> flags;
};

/// Measures the quality of a face. `crop` is the aligned gray face, f32 [size, size] in 0..255, or empty if
/// it has none. The thresholds were measured with crops of one size; `size` must be that size, because blur
/// depends on it.
face_quality assess_quality(const rect& box, const head_pose& pose, std::span<const float> crop, int size);

}  // namespace emostream::vision

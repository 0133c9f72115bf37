#pragma once

#include <span>
#include <string_view>

#include <boost/container/static_vector.hpp>

#include "vision/expression/cover_network.hpp"
#include "vision/image/geometry.hpp"

namespace emostream::vision {

/// A face is flagged as covered if its mouth or its eyes are hidden with a higher probability.
/// models/cover/README.md has the rates.
inline constexpr float covered_over = 0.5F;

/// How well a face can be seen. Blur and brightness are 0 if the face has no crop.
struct face_quality {
  float blur = 0;        ///< variance of the Laplacian of the gray crop; smaller values are blurrier
  float brightness = 0;  ///< mean of the gray crop, 0..1
  float size_px = 0;     ///< the shorter side of the box
  /// too_small, blurred, dark, covered, side_view; quality_limits.hpp and covered_over are their thresholds.
  boost::container::static_vector<std::string_view, 5> flags;
};

/// Measures the quality of a face, turned by `yaw` degrees. `crop` is the aligned gray face, f32 [size, size]
/// in 0..255, or empty if it has none. The thresholds were measured with crops of one size; `size` must be
/// that size, because blur depends on it.
face_quality assess_quality(const rect& box, float yaw, std::span<const float> crop, int size);

/// Sets what a crop shows, blur and brightness, as of the time when the face was last cropped.
void recall_crop_quality(const face_quality& last, face_quality& quality);

/// Adds the flag `covered` if the cover network found that a part of the face is hidden.
void flag_cover(face_quality& quality, const hidden_parts& hidden);

}  // namespace emostream::vision

#pragma once

#include <span>
#include <vector>

#include "vision/image/alignment.hpp"
#include "vision/image/image.hpp"
#include "vision/image/input_format.hpp"
#include "vision/image/patch.hpp"

namespace emostream::vision {

/// Scratch buffers of extract_crop(), reused between calls.
struct crop_scratch {
  patch<1> gray;
  patch<3> colour;
  std::vector<float> row;  ///< sums of the samples of one row of the crop
};

/// Extracts a crop in the format of a network: `tensor` has format.size() values. Each crop pixel is the mean
/// of the image area that it covers, so that large faces are not aliased; outside the image the nearest edge
/// pixel is repeated. `crop_transform` maps crop pixels to pixels of the original image, even if `from` is
/// reduced.
void extract_crop(const image& from, const similarity_transform& crop_transform, const input_format& format,
                  std::span<float> tensor, crop_scratch& scratch);
void extract_crop(const image& from, const similarity_transform& crop_transform, const input_format& format,
                  std::span<float> tensor);

/// Extracts a square gray crop: `crop` is f32 [size, size], luma 0..255.
void extract_gray_crop(const image& from, const similarity_transform& crop_transform, int size,
                       std::span<float> crop);

}  // namespace emostream::vision

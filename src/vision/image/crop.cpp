#include "vision/image/crop.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace emostream::vision {

namespace {

/// `to_image` maps crop pixels to pixels of `from`.
template <std::size_t Depth>
void extract_channels(const image& from, const similarity_transform& to_image, const input_format& format,
                      std::span<float> tensor, patch<Depth>& face, std::vector<float>& row) {
  const auto width = static_cast<float>(format.width);
  const auto height = static_cast<float>(format.height);
  float left = INFINITY;
  float right = -INFINITY;
  float top = INFINITY;
  float bottom = -INFINITY;
  for (const point corner : {point{0, 0}, point{width, 0}, point{0, height}, point{width, height}}) {
    const point p = to_image(corner);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }

  // First reduce the area by averaging whole blocks, to between two and four patch pixels per crop pixel if
  // the image has that many, then sample these on a grid nearly as fine as the patch. The cost is one pass
  // over the face and at most nine samples per crop pixel.
  const float scale = to_image.scale();
  const int factor = std::clamp(static_cast<int>(scale / 2), 1, std::max(from.width, from.height));
  face.take(from, {left, top}, {right, bottom}, factor);
  const int samples =
      std::clamp(static_cast<int>(std::ceil(scale / static_cast<float>(factor) / 1.5F)), 1, 3);
  const float step = 1.0F / static_cast<float>(samples);
  const float weight = step * step;
  const pixel_writer<Depth> out(format, tensor.data());
  std::size_t pixel = 0;
  for (int y = 0; y < format.height; ++y) {
    row.assign(static_cast<std::size_t>(format.width) * Depth, 0.0F);
    for (int j = 0; j < samples; ++j)
      for (int i = 0; i < samples; ++i)
        face.add_row(to_image({(static_cast<float>(i) + 0.5F) * step,
                               static_cast<float>(y) + (static_cast<float>(j) + 0.5F) * step}),
                     {to_image.a, to_image.b}, row);
    for (const float* sum = row.data(); sum != row.data() + row.size(); sum += Depth) {
      std::array<float, Depth> mean;
      for (std::size_t c = 0; c < Depth; ++c) mean[c] = weight * sum[c];
      out.write(pixel++, mean);
    }
  }
}

}  // namespace

void extract_crop(const image& from, const similarity_transform& crop_transform, const input_format& format,
                  std::span<float> tensor, crop_scratch& scratch) {
  const similarity_transform to_pixels = crop_transform.reduced(from.reduction);
  if (format.channels == channel_order::gray)
    extract_channels<1>(from, to_pixels, format, tensor, scratch.gray, scratch.row);
  else
    extract_channels<3>(from, to_pixels, format, tensor, scratch.colour, scratch.row);
}

void extract_crop(const image& from, const similarity_transform& crop_transform, const input_format& format,
                  std::span<float> tensor) {
  crop_scratch scratch;
  extract_crop(from, crop_transform, format, tensor, scratch);
}

void extract_gray_crop(const image& from, const similarity_transform& crop_transform, int size,
                       std::span<float> crop) {
  extract_crop(from, crop_transform, {.width = size, .height = size}, crop);
}

}  // namespace emostream::vision

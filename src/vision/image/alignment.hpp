#pragma once

#include <span>
#include <vector>

#include "vision/image/geometry.hpp"
#include "vision/image/image.hpp"
#include "vision/image/input_format.hpp"
#include "vision/image/patch.hpp"

namespace emostream::vision {

/// Where a classifier wants the eyes: fractions of the width and height of its square input.
struct framing {
  point left_eye;
  point right_eye;
};

/// A turn, a scale and a shift: p ↦ (a·x − b·y + x0, b·x + a·y + y0).
struct similarity {
  float a = 1;
  float b = 0;
  float x0 = 0;
  float y0 = 0;

  [[nodiscard]] point operator()(point p) const { return {a * p.x - b * p.y + x0, b * p.x + a * p.y + y0}; }
  [[nodiscard]] float scale() const;
  /// The same way to an image reduced `by` so many.
  [[nodiscard]] similarity reduced(int by) const;
  /// From such an image back to the whole one.
  [[nodiscard]] similarity enlarged(int by) const;
};

/// The way from the pixels of a crop of `size` to those of the image, so that the eyes come to lie as framed.
/// Eyes closer than `min_distance` pixels are taken to be that far apart, about their middle: on a head that
/// is turned aside they draw together, and the face is not to be enlarged for it.
similarity align_eyes(const framing& to, int size, point left_eye, point right_eye, float min_distance = 0);

/// The way from the pixels of a crop of `size` to those of the image, so that it shows the square about the
/// box's middle whose side is the box's longer one and `margin` of that on either side.
similarity frame_box(const rect& box, float margin, int size);

/// Memory that cutting uses again.
struct cutting_room {
  patch<1> gray;
  patch<3> colour;
  std::vector<float> row;  ///< of the crop: sums of samples
};

/// Cuts a crop out of an image, as a network wants it: `tensor` has format.size() numbers. Each pixel is the
/// mean of what it covers, so that a large face is not aliased; beyond the edges the image's border goes on.
/// `to_image` leads to the image as sent, however `from` is reduced.
void cut(const image& from, const similarity& to_image, const input_format& format, std::span<float> tensor,
         cutting_room& room);
void cut(const image& from, const similarity& to_image, const input_format& format, std::span<float> tensor);

/// Cuts a square crop in gray: `crop` is f32 [size, size], luma 0..255.
void cut_gray(const image& from, const similarity& to_image, int size, std::span<float> crop);

}  // namespace emostream::vision

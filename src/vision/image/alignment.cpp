#include "vision/image/alignment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace emostream::vision {

namespace {

template <std::size_t Depth>
void cut_as(const image& from, const similarity& to_image, const input_format& format,
            std::span<float> tensor, patch<Depth>& face, std::vector<float>& row) {
  const auto wide = static_cast<float>(format.width);
  const auto high = static_cast<float>(format.height);
  float left = INFINITY;
  float right = -INFINITY;
  float top = INFINITY;
  float bottom = -INFINITY;
  for (const point corner : {point{0, 0}, point{wide, 0}, point{0, high}, point{wide, high}}) {
    const point p = to_image(corner);
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }

  // First whole blocks are averaged, down to two or three pixels of the patch for one of the crop; these few
  // are then sampled on a grid nearly as fine as the patch. The work is one pass over the face, however large
  // it is.
  const float scale = to_image.scale();
  const int factor = std::clamp(static_cast<int>(scale / 2), 1, std::max(from.width, from.height));
  face.take(from, {left, top}, {right, bottom}, factor);
  const int samples =
      std::clamp(static_cast<int>(std::ceil(scale / static_cast<float>(factor) / 1.5F)), 1, 3);
  const float step = 1.0F / static_cast<float>(samples);
  const float share = step * step;
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
      for (std::size_t c = 0; c < Depth; ++c) mean[c] = share * sum[c];
      out.write(pixel++, mean);
    }
  }
}

}  // namespace

float similarity::scale() const {
  return std::hypot(a, b);
}

similarity align_eyes(const framing& to, int size, point left_eye, point right_eye, float min_distance) {
  const auto side = static_cast<float>(size);
  const point span{(to.right_eye.x - to.left_eye.x) * side, (to.right_eye.y - to.left_eye.y) * side};
  const point middle{(to.left_eye.x + to.right_eye.x) / 2 * side,
                     (to.left_eye.y + to.right_eye.y) / 2 * side};
  point seen{right_eye.x - left_eye.x, right_eye.y - left_eye.y};
  const float distance = std::hypot(seen.x, seen.y);
  if (distance < min_distance) {
    // Eyes on one spot say nothing of the head's roll: then it is upright.
    seen = distance > 0 ? point{seen.x / distance * min_distance, seen.y / distance * min_distance}
                        : point{min_distance, 0};
  }
  const float norm = span.x * span.x + span.y * span.y;
  similarity s;
  s.a = (seen.x * span.x + seen.y * span.y) / norm;  // the complex quotient of the two spans
  s.b = (seen.y * span.x - seen.x * span.y) / norm;
  s.x0 = (left_eye.x + right_eye.x) / 2 - (s.a * middle.x - s.b * middle.y);
  s.y0 = (left_eye.y + right_eye.y) / 2 - (s.b * middle.x + s.a * middle.y);
  return s;
}

similarity frame_box(const rect& box, float margin, int size) {
  const float side = std::max(box.width, box.height) * (1 + 2 * margin);
  return {.a = side / static_cast<float>(size),
          .b = 0,
          .x0 = box.x + (box.width - side) / 2,
          .y0 = box.y + (box.height - side) / 2};
}

similarity similarity::reduced(int by) const {
  const float share = 1.0F / static_cast<float>(by);
  return {a * share, b * share, x0 * share, y0 * share};
}

similarity similarity::enlarged(int by) const {
  const auto times = static_cast<float>(by);
  return {a * times, b * times, x0 * times, y0 * times};
}

void cut(const image& from, const similarity& to_image, const input_format& format, std::span<float> tensor,
         cutting_room& room) {
  if (format.channels == colours::gray)
    cut_as<1>(from, to_image.reduced(from.reduction), format, tensor, room.gray, room.row);
  else
    cut_as<3>(from, to_image.reduced(from.reduction), format, tensor, room.colour, room.row);
}

void cut(const image& from, const similarity& to_image, const input_format& format, std::span<float> tensor) {
  cutting_room room;
  cut(from, to_image, format, tensor, room);
}

void cut_gray(const image& from, const similarity& to_image, int size, std::span<float> crop) {
  cut(from, to_image, {.width = size, .height = size}, crop);
}

}  // namespace emostream::vision

#include "vision/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "vision/files.hpp"
#include "vision/image/letterbox.hpp"

namespace emostream::vision::testing {

namespace {

std::size_t offset_of(const image& in, int x, int y) {
  return static_cast<std::size_t>(y * in.width + x) * 3;
}

}  // namespace

const image& portrait() {
  static const image decoded = *decode(read(source_dir() / "tests/media/portrait.jpg"), {});
  return decoded;
}

image plain(int width, int height, std::uint8_t level) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height) * 3, level)};
}

image turned(const image& from, int quarters) {
  if (quarters == 0) return from;
  image to = plain(from.height, from.width);
  for (int y = 0; y < from.height; ++y)
    for (int x = 0; x < from.width; ++x)
      std::copy_n(&from.pixels[offset_of(from, x, y)], 3, &to.pixels[offset_of(to, from.height - 1 - y, x)]);
  return turned(to, quarters - 1);
}

rect turned(const rect& box, const image& in, int quarters) {
  rect to = box;
  auto height = static_cast<float>(in.height);
  auto width = static_cast<float>(in.width);
  for (int i = 0; i < quarters; ++i, std::swap(width, height))
    to = {height - to.y - to.height, to.x, to.height, to.width};
  return to;
}

image resized(const image& from, int width, int height) {
  const input_format rgb{
      .width = width, .height = height, .channels = channel_order::rgb, .layout = tensor_layout::nhwc};
  std::vector<float> values(rgb.size());
  resize_scratch scratch;
  fit(from, whole(from), fit_mode::stretch, rgb, values, scratch);
  image to{width, height, {}};
  for (const float v : values) to.pixels.push_back(static_cast<std::uint8_t>(std::lround(v)));
  return to;
}

image cropped(const image& from, const region& part) {
  image to = plain(part.width, part.height);
  paste(from, -part.left, -part.top, to);
  return to;
}

void paste(const image& what, int left, int top, image& onto) {
  const int first = std::max(0, -left);
  const int last = std::min(what.width, onto.width - left);
  if (first >= last) return;
  for (int y = std::max(0, -top); y < std::min(what.height, onto.height - top); ++y)
    std::copy_n(&what.pixels[offset_of(what, first, y)], 3 * (last - first),
                &onto.pixels[offset_of(onto, left + first, top + y)]);
}

rect shifted(const rect& box, float x, float y) {
  return {box.x + x, box.y + y, box.width, box.height};
}

rect scaled(const rect& box, float by) {
  return {box.x * by, box.y * by, box.width * by, box.height * by};
}

}  // namespace emostream::vision::testing

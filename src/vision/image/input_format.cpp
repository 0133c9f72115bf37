#include "vision/image/input_format.hpp"

namespace emostream::vision {

std::string_view to_string(channel_order c) {
  static constexpr std::array<std::string_view, 3> names{"gray", "rgb", "bgr"};
  return names[static_cast<std::size_t>(c)];
}

std::size_t input_format::size() const {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
         static_cast<std::size_t>(depth());
}

std::vector<std::int64_t> input_format::shape() const {
  if (layout == tensor_layout::nchw) return {-1, depth(), height, width};
  return {-1, height, width, depth()};
}

bool input_format::is_plain_gray() const {
  return channels == channel_order::gray && scale[0] == 1 && offset[0] == 0;
}

std::string input_format::description() const {
  return std::to_string(width) + "×" + std::to_string(height) + ' ' + std::string(to_string(channels)) +
         (layout == tensor_layout::nchw ? " NCHW" : " NHWC");
}

}  // namespace emostream::vision

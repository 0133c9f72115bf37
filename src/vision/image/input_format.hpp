#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emostream::vision {

/// The channels of a network's input, in its order.
enum class channel_order { gray, rgb, bgr };

/// The name in a manifest: "gray", "rgb" or "bgr".
std::string_view to_string(channel_order c);

/// The order of an input tensor's dimensions (N: batch, C: channels, H: rows, W: columns).
enum class tensor_layout { nchw, nhwc };

/// The format of a network's input image: its size, layout and normalisation.
struct input_format {
  int width = 0;
  int height = 0;
  channel_order channels = channel_order::gray;
  tensor_layout layout = tensor_layout::nchw;
  /// A pixel value 0..255 becomes scale · value + offset, per channel in the network's order.
  std::array<float, 3> scale{1, 1, 1};
  std::array<float, 3> offset{};

  /// The number of channels.
  [[nodiscard]] int depth() const { return channels == channel_order::gray ? 1 : 3; }
  /// The number of values of one image.
  [[nodiscard]] std::size_t size() const;
  /// The shape of the input tensor; -1 stands for the batch dimension.
  [[nodiscard]] std::vector<std::int64_t> shape() const;
  /// True if the input is gray values 0..255 without normalisation.
  [[nodiscard]] bool is_plain_gray() const;
  /// A description for messages, such as "48×48 gray NCHW".
  [[nodiscard]] std::string description() const;
};

/// Writes normalised pixels into a network's input tensor. `Depth` must equal the format's depth().
template <std::size_t Depth>
class pixel_writer {
 public:
  pixel_writer(const input_format& to, float* tensor) {
    const bool planes = to.layout == tensor_layout::nchw;
    const std::size_t pixels = to.size() / Depth;
    stride_ = planes ? 1 : Depth;
    for (std::size_t c = 0; c < Depth; ++c) {
      const std::size_t index = to.channels == channel_order::bgr ? Depth - 1 - c : c;
      channels_[c] = {tensor + index * (planes ? pixels : 1), to.scale[index], to.offset[index]};
    }
  }

  /// Writes the pixel with index `pixel` (row-major); `value` is gray, or red, green and blue, 0..255.
  void write(std::size_t pixel, const std::array<float, Depth>& value) const {
    for (std::size_t c = 0; c < Depth; ++c) {
      const channel& to = channels_[c];
      to.first[pixel * stride_] = to.scale * value[c] + to.offset;
    }
  }

 private:
  struct channel {
    float* first;
    float scale;
    float offset;
  };
  std::array<channel, Depth> channels_;
  std::size_t stride_;
};

}  // namespace emostream::vision

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace emostream::vision {

enum class colours { gray, rgb, bgr };

/// As a manifest has it: "gray", "rgb" or "bgr".
std::string_view to_string(colours c);

/// The order of a network's dimensions: batch, channels, rows, columns, or the channels last.
enum class axes { nchw, nhwc };

/// How a network wants an image: of what size, and what numbers a pixel becomes.
struct input_format {
  int width = 0;
  int height = 0;
  colours channels = colours::gray;
  axes layout = axes::nchw;
  /// A value of 0..255 becomes scale · value + offset; of each channel, in the network's order.
  std::array<float, 3> scale{1, 1, 1};
  std::array<float, 3> offset{};

  [[nodiscard]] int depth() const { return channels == colours::gray ? 1 : 3; }
  /// Numbers an image.
  [[nodiscard]] std::size_t size() const;
  /// Of the network's input; the batch is -1.
  [[nodiscard]] std::vector<std::int64_t> shape() const;
  /// True if pixels become the gray of 0..255, one after the other.
  [[nodiscard]] bool is_plain_gray() const;
  /// As in "48×48 gray NCHW".
  [[nodiscard]] std::string in_words() const;
};

/// Writes pixels into a network's input. `Depth` is that of the format.
template <std::size_t Depth>
class pixel_writer {
 public:
  pixel_writer(const input_format& to, float* tensor) {
    const bool planes = to.layout == axes::nchw;
    const std::size_t pixels = to.size() / Depth;
    stride_ = planes ? 1 : Depth;
    for (std::size_t c = 0; c < Depth; ++c) {
      const std::size_t place = to.channels == colours::bgr ? Depth - 1 - c : c;
      channels_[c] = {tensor + place * (planes ? pixels : 1), to.scale[place], to.offset[place]};
    }
  }

  /// The pixel with that number, counted along the rows; `value` is gray or red, green and blue, 0..255.
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

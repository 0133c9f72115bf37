#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vision/image/geometry.hpp"
#include "vision/image/image.hpp"
#include "vision/image/input_format.hpp"

namespace emostream::vision {

/// How an image is brought into a network's input of another shape: scaled by one factor to fit, centred,
/// with black around it; or stretched to fill it.
enum class fitting { letterbox, stretch };

/// How an image lies in an input.
struct placement {
  point scale{1, 1};  ///< pixels of the image as sent an input pixel
  point corner;       ///< upper left one of the image in the input

  /// From the input's pixels to the image's.
  [[nodiscard]] point to_image(point p) const {
    return {(p.x - corner.x) * scale.x, (p.y - corner.y) * scale.y};
  }
};

/// What each pixel of a row, or each row, takes of the pixels or rows of another: weights that sum to 1.
class axis_taps {
 public:
  /// For `to` of them out of `from`; nothing to do if that is what it was last prepared for.
  void prepare(int from, int to);

  /// The first that is taken of.
  [[nodiscard]] int first(int of) const { return first_[static_cast<std::size_t>(of)]; }
  /// Of the first and those that follow it.
  [[nodiscard]] std::span<const float> weights(int of) const {
    const auto i = static_cast<std::size_t>(of);
    return std::span(weights_).subspan(begin_[i], begin_[i + 1] - begin_[i]);
  }

 private:
  int from_ = 0;
  std::vector<int> first_;
  std::vector<std::size_t> begin_;  ///< in weights_; one more than first_
  std::vector<float> weights_;
};

/// Memory that fitting uses again.
struct fitting_room {
  axis_taps columns;
  axis_taps rows;
  std::vector<float> merged_rows;
};

/// Writes the image into `tensor`, which has format.size() numbers. Each input pixel is the mean of the image
/// pixels it covers, or interpolated between them where the image is smaller than the input.
placement fit(const image& from, fitting how, const input_format& format, std::span<float> tensor,
              fitting_room& room);

}  // namespace emostream::vision

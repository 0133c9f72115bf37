#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vision/image/geometry.hpp"
#include "vision/image/image.hpp"
#include "vision/image/input_format.hpp"

namespace emostream::vision {

/// How an image is fitted into a network's input of another aspect ratio. `letterbox` scales both axes by one
/// factor, centres the image and fills the rest with black; `stretch` scales each axis to fill the input.
enum class fit_mode { letterbox, stretch };

inline region whole(const image& of) {
  return {.width = of.width, .height = of.height};
}

/// Where a part of an image was placed in a network's input.
struct placement {
  point scale{1, 1};  ///< original image pixels per input pixel
  point offset;       ///< of the image's upper left corner in the input, in input pixels; may be outside it

  /// Converts input pixels to pixels of the original image.
  [[nodiscard]] point to_image(point p) const {
    return {(p.x - offset.x) * scale.x, (p.y - offset.y) * scale.y};
  }
  [[nodiscard]] rect box_to_image(const rect& box) const {
    const point corner = to_image({box.x, box.y});
    return {corner.x, corner.y, box.width * scale.x, box.height * scale.y};
  }
};

/// The filter taps of a separable resize along one axis: for each output sample, the source samples that
/// contribute and their weights, which sum to 1.
class axis_taps {
 public:
  /// Computes the taps that resize `from` samples to `to`. Does nothing if the sizes have not changed.
  void prepare(int from, int to);

  /// The first source sample that contributes to output sample `i`.
  [[nodiscard]] int first(int i) const { return first_[static_cast<std::size_t>(i)]; }
  /// The weights of the source samples from first(i) on that contribute to output sample `i`.
  [[nodiscard]] std::span<const float> weights(int i) const {
    const auto at = static_cast<std::size_t>(i);
    return std::span(weights_).subspan(begin_[at], begin_[at + 1] - begin_[at]);
  }

 private:
  int from_ = 0;
  std::vector<int> first_;
  std::vector<std::size_t> begin_;  ///< offsets into weights_; one more than first_
  std::vector<float> weights_;
};

/// Scratch buffers of fit(), reused between calls.
struct resize_scratch {
  axis_taps columns;
  axis_taps rows;
  std::vector<float> merged_rows;
};

/// Resizes a part of the image into `tensor`, which has format.size() values. Each input pixel is the mean of
/// the image pixels that it covers, or interpolated where the part is smaller than the input; outside the
/// image it is black. The part must overlap the image.
placement fit(const image& from, const region& part, fit_mode mode, const input_format& format,
              std::span<float> tensor, resize_scratch& scratch);

}  // namespace emostream::vision

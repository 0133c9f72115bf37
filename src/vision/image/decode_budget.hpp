#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "vision/image/image_limits.hpp"

namespace emostream::vision {

/// The CPU time that decoding one image may take on the current thread. It begins with the construction.
class decode_budget {
 public:
  /// `bytes` is the size of the encoded image.
  decode_budget(const image_limits& limits, std::size_t bytes);

  /// Adds the time for the pixels of the image. Call when its size is known.
  void add_pixels(std::int64_t pixels);

  /// Whether the time is used up, after about as much work as decoding `pixels` pixels. Reads the clock, a
  /// system call, only once per `check_interval` pixels.
  [[nodiscard]] bool is_exceeded_after(std::int64_t pixels) {
    unchecked_ += pixels;
    return unchecked_ >= check_interval && is_exceeded();
  }

 private:
  static constexpr std::int64_t check_interval = 65'536;  ///< less than 1 ms of a typical image

  bool is_exceeded();

  const image_limits& limits_;
  std::size_t bytes_;
  std::chrono::nanoseconds start_;  ///< of the thread's CPU time
  std::chrono::nanoseconds end_;
  std::int64_t unchecked_ = 0;
};

}  // namespace emostream::vision

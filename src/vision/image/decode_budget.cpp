#include "vision/image/decode_budget.hpp"

#include <ctime>

namespace emostream::vision {

namespace {

// Sanitizers make decoding several times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slowdown = 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slowdown = 10;
#else
constexpr int slowdown = 1;
#endif
#else
constexpr int slowdown = 1;
#endif

std::chrono::nanoseconds thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

decode_budget::decode_budget(const image_limits& limits, std::size_t bytes)
    : limits_(limits),
      bytes_(bytes),
      start_(thread_cpu_time()),
      end_(start_ + slowdown * limits.max_time(0, bytes)) {}

void decode_budget::add_pixels(std::int64_t pixels) {
  end_ = start_ + slowdown * limits_.max_time(pixels, bytes_);
}

bool decode_budget::is_exceeded() {
  unchecked_ = 0;
  return thread_cpu_time() > end_;
}

}  // namespace emostream::vision

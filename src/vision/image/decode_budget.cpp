#include "vision/image/decode_budget.hpp"

#include <ctime>

namespace emostream::vision {

namespace {

std::chrono::nanoseconds thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

decode_budget::decode_budget(const image_limits& limits, std::size_t bytes)
    : limits_(limits), bytes_(bytes), start_(thread_cpu_time()), end_(start_ + limits.max_time(0, bytes)) {}

bool decode_budget::is_exceeded() {
  unchecked_ = 0;
  return thread_cpu_time() > end_;
}

}  // namespace emostream::vision

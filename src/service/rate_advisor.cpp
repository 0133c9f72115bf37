#include "service/rate_advisor.hpp"

#include <algorithm>

namespace emostream::service {

double rate_advisor::p95() const {
  const std::size_t n = std::min(count_, window);
  std::array<double, window> sorted = waits_;
  const auto rank = static_cast<std::ptrdiff_t>((n * 95 + 99) / 100 - 1);  // nearest rank
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + static_cast<std::ptrdiff_t>(n));
  return sorted[static_cast<std::size_t>(rank)];
}

void rate_advisor::record_wait(double queue_ms, time_point now) {
  if (count_ == 0) changed_ = std::max(changed_, now);
  waits_[count_++ % window] = queue_ms;
  if (count_ < min_waits) return;

  const double wait = p95();
  if (wait > to_ms(options_.decrease_above)) {
    // Waits at the old rate say nothing about the new rate.
    target_fps_ = std::max(1, target_fps_ / 2);
    count_ = 0;
  } else if (wait < to_ms(options_.increase_below) && now - changed_ >= options_.increase_interval &&
             target_fps_ < max_fps_) {
    ++target_fps_;
    changed_ = now;
  }
}

}  // namespace emostream::service

#include "service/pace.hpp"

#include <algorithm>

namespace emostream::service {

double pace::p95() const {
  const std::size_t n = std::min(count_, window);
  std::array<double, window> sorted = waits_;
  const auto rank = static_cast<std::ptrdiff_t>((n * 95 + 99) / 100 - 1);  // nearest rank
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + static_cast<std::ptrdiff_t>(n));
  return sorted[static_cast<std::size_t>(rank)];
}

void pace::waited(double queue_ms, time_point now) {
  if (count_ == 0) changed_ = std::max(changed_, now);
  waits_[count_++ % window] = queue_ms;
  if (count_ < enough) return;

  const double wait = p95();
  if (wait > to_ms(options_.decrease_above)) {
    // What waited at the old rate says nothing of the new one.
    target_fps_ = std::max(1, target_fps_ / 2);
    count_ = 0;
  } else if (wait < to_ms(options_.increase_below) && now - changed_ >= options_.increase_interval &&
             target_fps_ < max_fps_) {
    ++target_fps_;
    changed_ = now;
  }
}

}  // namespace emostream::service
